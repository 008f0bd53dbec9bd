# What this computer needs before the product builds or its tests run. Sourced by run.sh, test.sh and the scripts beside this one.
# Every step first looks whether it is needed, says in one line what it does, and asks nothing.
# Its callers set errexit and pipefail: the last command of a pipe reads to the end, or the one before it dies of a closed pipe, at random.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DEBIAN_FRONTEND=noninteractive

say()  { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# No step ends in silence: what errexit ends is named.
set -E
name_failure() { local line=${4%%$'\n'*}; say "${2##*/}, line $3: \`$line\` failed with exit code $1."; }
trap 'name_failure "$?" "${BASH_SOURCE[0]}" "$LINENO" "$BASH_COMMAND"' ERR

cache=${XDG_CACHE_HOME:-$HOME/.cache}/fine-tune-dashboard

# What apt and NuGet need to reach their registries is kept for root too.
proxies=http_proxy,https_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,NO_PROXY,SSL_CERT_FILE,SSL_CERT_DIR,DEBIAN_FRONTEND
may_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true >/dev/null 2>&1; }; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n --preserve-env="$proxies" "$@"; fi; }

require_dotnet() {
  command -v dotnet >/dev/null || fail "The .NET 10 SDK is missing: see https://dotnet.microsoft.com/download/dotnet/10.0"
  dotnet --list-sdks | grep '^10\.' >/dev/null || fail "The .NET 10 SDK is missing (found: $(dotnet --list-sdks | tr '\n' ' '))."
}

is_linux_x64() { [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ]; }
find_library() { ldconfig -p 2>/dev/null | awk -v name="$1" 'index($1, name) == 1 && /x86-64/ && !found++ {print $NF}'; }

# .NET needs ICU, libtorch a libstdc++ of GCC 12 or newer: Debian 12's and Ubuntu 22.04's are.
require_libraries() {
  is_linux_x64 || return 0
  local library icu
  library=$(find_library libstdc++.so.6)
  [ -n "$library" ] || fail "libstdc++ is missing: install it (Debian, Ubuntu: apt-get install libstdc++6), then start again."
  grep -qa 'GLIBCXX_3\.4\.30' "$library" || fail "libstdc++ is too old for libtorch (GLIBCXX_3.4.30 is missing). Use Debian 12, Ubuntu 22.04, Fedora 36 or newer."
  [ -n "$(find_library libicuuc.so)" ] || [ -n "${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-}" ] && return 0
  icu=$({ apt-cache search --names-only '^libicu[0-9]+$' 2>/dev/null || true; } | awk '{print $1}' | sort -V | tail -n 1)
  require_packages ".NET needs it" "${icu:-libicu72}"
}

# require_packages WHY NAME...: Debian packages that are not installed yet.
require_packages() {
  local why=$1 missing; shift
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  may_be_root || fail "Missing: $missing ($why). Installing needs root: have 'apt-get install -y $missing' run once as root, then start again."
  say "Installing $missing: $why (once)."
  as_root apt-get update -qq >&2 || fail "'apt-get update' failed: see the lines above. Is the network up, and is a proxy needed (http_proxy)?"
  as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    fail "'apt-get install $missing' failed: see the lines above. Mend that, then start again."
}

missing_packages() {
  local name missing=()
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep 'install ok installed' >/dev/null || missing+=("$name")
  done
  printf '%s' "${missing[*]-}"
}

# Which of these files there are depends on how the system came about: some of the three patterns find nothing.
debian_mirror() {
  local etc=${APT_ETC:-/etc/apt}
  { cat "$etc"/sources.list "$etc"/sources.list.d/*.list "$etc"/sources.list.d/*.sources 2>/dev/null || true; } |
    grep -vE '^ *#' | grep -oE '[a-z+]+://[^ ]+/debian/?( |$)' | sed -n 1p | tr -d ' ' || true
}

# unpack_packages FOLDER SUITE NAME...: the files of Debian packages in a folder of their own, which needs no root and changes nothing else.
# SUITE: of the same mirror, such as trixie; or "" for the machine's own sources. To be called where its failing is dealt with.
unpack_packages() (
  trap - ERR
  set -e
  folder=$1 suite=$2; shift 2
  apt=$folder.apt; rm -rf "$folder" "$apt"; mkdir -p "$folder" "$apt/lists/partial" "$apt/archives/partial"
  options=(-qq -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt" -o "APT::Sandbox::User=$(id -un)")
  if [ -n "$suite" ]; then
    mirror=$(debian_mirror); [ -n "$mirror" ]
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
    options+=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null)
  fi
  apt-get "${options[@]}" update >&2
  cd "$apt/archives" && apt-get "${options[@]}" download "$@" >&2
  for package in *.deb; do dpkg-deb -x "$package" "$folder"; done
  rm -rf "$apt"
)

# need_space FOLDER MEGABYTES WHAT: before a step that would otherwise end in the middle.
need_space() {
  local folder=$1 free
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  free=$(df -Pm "$folder" | awk 'NR == 2 {print $4}')
  [ "$free" -ge "$2" ] || fail "$3 needs about $2 MB in $1, and $free MB are free there. Make room, then start again."
}
