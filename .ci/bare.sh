#!/usr/bin/env bash
# README's two commands on a computer where nobody ever installed anything: a minimal Debian in a folder, with the .NET SDK and nothing else,
# and a clone of the checkout's newest commit in it.
#
#   bare.sh run     ./run.sh, wait until /health says healthy, train a run on the demo set over REST; says how long each took
#   bare.sh test    ./test.sh
#   bare.sh both    one after the other, as somebody new does
#   bare.sh shell   a shell in it
#   bare.sh able    only whether it can be made here; says why not
#
# Needs root, debootstrap and about 8 GB. The bare system is kept in BARE_BASE (default /var/tmp/fine-tune-bare-SUITE) and copied for each call, so
# that nothing of one call helps the next. BARE_SUITE=bookworm (default) or trixie; BARE_SOURCES=deb822 (default: debian.sources, as
# containers have it) or list (sources.list, as an installed system); BARE_USER=NAME types the commands as a user without root;
# BARE_WITHOUT=network, nuget (apt's mirror answers, https doesn't) or space (1 GB for home) is to end with what failed and what to do.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$here/.ci/machine.sh"

verb=${1:-both} suite=${BARE_SUITE:-bookworm} user=${BARE_USER:-root}
base=${BARE_BASE:-/var/tmp/fine-tune-bare}-$suite

why_not() {
  [ "$(id -u)" = 0 ] || { echo "it needs root"; return; }
  unshare --mount --pid --fork --mount-proc true 2>/dev/null || { echo "this computer doesn't let it make namespaces"; return; }
  [ -n "$(debian_mirror)" ] || { echo "no Debian mirror is named in /etc/apt"; return; }
  command -v debootstrap >/dev/null || (require_packages "it makes a bare Debian" debootstrap) >&2 || { echo "debootstrap can't be installed"; return; }
}

make_base() {
  [ ! -e "$base/.done" ] || return 0
  say "Making a bare $suite in $base (once, a minute or two) …"
  rm -rf "$base"
  local icu=72; [ "$suite" = bookworm ] || icu=76
  debootstrap --variant=minbase --include="ca-certificates,curl,git,procps,libicu$icu" "$suite" "$base" "$(debian_mirror)" >"$base.log" 2>&1 ||
    { tail -n 5 "$base.log" >&2; fail "Making a bare $suite failed: $base.log has it all."; }
  touch "$base/.done"
}

sources() {
  rm -f "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d/"*
  case ${BARE_SOURCES:-deb822} in
    deb822) printf 'Types: deb\nURIs: %s\nSuites: %s %s-updates\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
      "$1" "$suite" "$suite" >"$root/etc/apt/sources.list.d/debian.sources" ;;
    list) printf 'deb %s %s main\ndeb %s %s-updates main\n' "$1" "$suite" "$1" "$suite" >"$root/etc/apt/sources.list" ;;
    *) fail "BARE_SOURCES is deb822 or list." ;;
  esac
}

# The network as this computer has it: names, certificates, clients' settings. No package and no cache comes along.
network() {
  local file name
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  cp -a /etc/ssl/certs/. "$root/etc/ssl/certs/"
  [ ! -d /usr/local/share/ca-certificates ] || cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  for file in $(grep -ls Acquire /etc/apt/apt.conf.d/* || true) /etc/pip.conf; do
    [ ! -f "$file" ] || { mkdir -p "$root${file%/*}" && cp "$file" "$root$file"; }
  done
  for name in SSL_CERT_FILE CURL_CA_BUNDLE; do
    file=${!name:-}
    [ -z "$file" ] || [ ! -f "$file" ] || [ -e "$root$file" ] || { mkdir -p "$root${file%/*}" && cp -L "$file" "$root$file"; }
  done
  [ ! -f "$HOME/.nuget/NuGet/NuGet.Config" ] || { mkdir -p "$root$home/.nuget/NuGet" && cp "$HOME/.nuget/NuGet/NuGet.Config" "$root$home/.nuget/NuGet/"; }
}

make_root() {
  root=$(mktemp -d /var/tmp/fine-tune-bare.XXXXXX)
  # Mounts and processes end with the namespaces that inside() makes: what is left is a folder.
  trap 'rm -rf --one-file-system "$root"' EXIT
  cp -a "$base/." "$root/"
  sources "$(debian_mirror)"
  home=/root
  [ "$user" = root ] || { home=/home/$user; chroot "$root" useradd --create-home "$user"; }
  network
  git clone -q "$here" "$root$home/project"
  # Photos of one's own beside the checkout come along for the tests that use them.
  [ ! -d "$here/../shared" ] || { mkdir "$root$home/shared" && cp -a "$here/../shared/." "$root$home/shared/"; }
  [ "$user" = root ] || chroot "$root" chown -R "$user" "$home"
  sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
  mkdir -p "$root/usr/share/dotnet" && ln -sf /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
}

# inside SCRIPT: run by bash in the clone, in namespaces of its own.
inside() {
  ROOT=$root SDK=$sdk HOME_IN=$home USER_IN=$user SCRIPT=$1 unshare --mount --pid --fork --kill-child \
    --propagation private $([ "${BARE_WITHOUT:-}" != network ] || echo --net) bash -euc '
    mount --bind "$SDK" "$ROOT/usr/share/dotnet"; mount -o remount,bind,ro "$ROOT/usr/share/dotnet"
    case ${BARE_WITHOUT:-} in
      nuget) export https_proxy=http://127.0.0.1:9 ;;
      space) mount -t tmpfs -o size=1g tmpfs "$ROOT/mnt"; cp -a "$ROOT$HOME_IN/." "$ROOT/mnt/"; mount --move "$ROOT/mnt" "$ROOT$HOME_IN" ;;
    esac
    mount -t proc proc "$ROOT/proc"; mount --rbind /sys "$ROOT/sys"; mount --rbind /dev "$ROOT/dev"
    settings=()
    for name in SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE NUGET_CERT_REVOCATION_MODE http_proxy https_proxy no_proxy CI; do
      [ -z "${!name:-}" ] || settings+=("$name=${!name}")
    done
    exec env -i HOME="$HOME_IN" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb "${settings[@]}" \
      chroot --userspec="$USER_IN" "$ROOT" /bin/bash -c "cd ~/project && $SCRIPT"' </dev/null
}

reason=$(why_not)
if [ "$verb" = able ]; then
  [ -z "$reason" ] || { echo "$reason"; exit 1; }
  exit 0
fi
[ -z "$reason" ] || fail "A bare Debian can't be made here: $reason."
make_base
make_root
case $verb in
  # What failed has said so.
  run) inside '.ci/first-run.sh' || exit ;;
  test) inside './test.sh' || exit ;;
  both) inside '.ci/first-run.sh && ./test.sh' || exit ;;
  shell) unshare --mount --pid --fork --kill-child bash -c "mount --bind '$sdk' '$root/usr/share/dotnet'; mount -t proc proc '$root/proc'; mount --rbind /dev '$root/dev'; exec chroot '$root' /bin/bash -l" ;;
  *) fail "bare.sh run|test|both|shell|able" ;;
esac
