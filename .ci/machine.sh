# What this computer needs before the product builds or its tests run. Sourced by run.sh and test.sh.
# Every step first looks whether it is needed, says in one line what it does, and asks nothing.
# Its callers set pipefail: the last command of a pipe reads to the end, or the one before it dies of a closed pipe, at random.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DEBIAN_FRONTEND=noninteractive

say()  { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -n "$@" || fail "This step needs root: run 'sudo $*' once, then start again."
  else fail "This step needs root: run '$*' as root once, then start again."; fi
}

require_dotnet() {
  command -v dotnet >/dev/null || fail "The .NET 10 SDK is missing: see https://dotnet.microsoft.com/download/dotnet/10.0"
  dotnet --list-sdks | grep '^10\.' >/dev/null || fail "The .NET 10 SDK is missing (found: $(dotnet --list-sdks | tr '\n' ' '))."
}

# libtorch needs a libstdc++ of GCC 12 or newer: Debian 12's and Ubuntu 22.04's do.
require_libstdcxx() {
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || return 0
  local library
  library=$(ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 / && /x86-64/ && !found++ {print $NF}')
  [ -n "$library" ] || { require_packages "libtorch is written in C++" libstdc++6; return 0; }
  grep -qa 'GLIBCXX_3\.4\.30' "$library" || fail "libstdc++ is too old for libtorch (GLIBCXX_3.4.30 is missing). Use Debian 12, Ubuntu 22.04, Fedora 36 or newer."
}

# require_packages WHY NAME...: Debian packages that are not installed yet.
require_packages() {
  local why=$1 missing=() name; shift
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep 'install ok installed' >/dev/null || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Installing ${missing[*]}: $why (once)."
  as_root apt-get update -qq >&2 || fail "apt-get update failed: is the network up?"
  as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "Installing ${missing[*]} failed: see the lines above."
}

find_jemalloc() { ldconfig -p 2>/dev/null | awk '/libjemalloc\.so\.2 / && /x86-64/ && !found++ {print $NF}'; }

# The allocator of trainings where there is one: a tenth faster. They work without it too, so it is tried once, and not where it takes a password.
try_jemalloc() {
  local tried=${XDG_CACHE_HOME:-$HOME/.cache}/fine-tune-dashboard/tried-jemalloc
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] && command -v apt-get >/dev/null && [ -z "$(find_jemalloc)" ] && [ ! -e "$tried" ] || return 0
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || return 0
  mkdir -p "${tried%/*}" && touch "$tried"
  (require_packages "trainings are a tenth faster with it" libjemalloc2) || say "Going on without it."
}

# Only the programs: tests start servers of their own. Debian's package makes and starts one on port 5432 unless it is told not to.
require_postgres() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return 0
  require_packages "the tests run on a real PostgreSQL too" postgresql-common
  as_root sed -ri 's/^#?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  require_packages "the tests run on a real PostgreSQL too" postgresql
}

# Only the programs: tests start a cluster of their own. Debian's packages would start daemons that have no settings.
require_slurm() {
  [ -x /usr/sbin/slurmctld ] && [ -x /usr/sbin/slurmd ] && [ -x /usr/sbin/munged ] && return 0
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod +x "$policy"
    require_packages "the tests run on a real Slurm too" slurm-wlm munge
    as_root rm "$policy"
  else
    require_packages "the tests run on a real Slurm too" slurm-wlm munge
    as_root service munge stop >/dev/null 2>&1 || true
  fi
}

# Debian's one file for the server and its tools comes along with the tools, which start no service; tests start servers of their own.
require_redis() {
  command -v redis-server >/dev/null || require_packages "the tests run several dashboards over a real Redis" redis-tools
}

# The Python of the test of predict.py: the system's own, or one in a folder of its own.
predict_python=${XDG_CACHE_HOME:-$HOME/.cache}/fine-tune-dashboard/python
has_onnxruntime() { [ -x "$1" ] && "$1" -c 'import numpy, onnxruntime, PIL.Image' >/dev/null 2>&1; }

# By apt where that changes nothing else, else by pip. Debian 12 has no such package, and Debian 13's would replace Debian 12's Python:
# its files are unpacked into the folder instead. Where nothing works the test is skipped, and says why.
try_onnxruntime() {
  has_onnxruntime /usr/bin/python3 || has_onnxruntime "$predict_python/bin/python3" && return 0
  say "Getting ONNX Runtime for Python: a test runs a model's predict.py with it (once, about 10 s)."
  local names="python3-onnxruntime python3-numpy python3-pil" plan
  if plan=$(apt-get install -s --no-install-recommends $names 2>/dev/null) && ! grep -q '^Remv' <<<"$plan"; then
    (require_packages "a test runs a model's predict.py" $names) && has_onnxruntime /usr/bin/python3 && return 0
  fi
  rm -rf "$predict_python" && mkdir -p "$predict_python"
  if [ -f /etc/apt/sources.list.d/fine-tune-trixie.sources ]; then unpack_onnxruntime
  else python3 -m venv "$predict_python" && "$predict_python/bin/pip" install -q --retries 0 onnxruntime numpy pillow; fi >&2
  has_onnxruntime "$predict_python/bin/python3" || say "ONNX Runtime for Python is not to be had here: one test is skipped."
}

unpack_onnxruntime() (
  cd "$predict_python" && mkdir packages
  cd packages
  apt-get download -qq -o APT::Sandbox::User=root $(printf '%s/trixie ' python3.13-minimal libpython3.13-minimal libpython3.13-stdlib \
    python3-numpy python3-pil python3-onnxruntime libonnxruntime1.21 libonnx1t64 libprotobuf32t64 libre2-11 libabsl20240722 libcpuinfo0 \
    libdnnl3.6 libxnnpack0.20241108 libpthreadpool0) || return
  for package in *.deb; do dpkg -x "$package" ..; done
  cd .. && rm -r packages && mkdir -p bin
  printf '#!/bin/sh\nexport LD_LIBRARY_PATH="%s" PYTHONHOME="%s" PYTHONPATH="%s"\nexec "%s" "$@"\n' "$PWD/usr/lib/x86_64-linux-gnu" "$PWD/usr" \
    "$PWD/usr/lib/python3/dist-packages" "$PWD/usr/bin/python3.13" >bin/python3
  chmod +x bin/python3
)
