#!/usr/bin/env bash
# Installs what the tests need beside .NET, by apt: prepare.sh (as root), or prepare.sh --missing, which only names it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

# Names that Debian and Ubuntu share. Tests start servers of their own: only the programs of these are used.
browser="chromium fonts-noto-cjk"
torch="python3-torch python3-torchvision"
servers=""
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || servers+=" postgresql-common postgresql"
[ -x /usr/sbin/slurmctld ] && [ -x /usr/sbin/slurmd ] && [ -x /usr/sbin/munged ] || servers+=" slurm-wlm munge"
# Debian's one file for the server and its tools comes along with the tools, which start no service.
command -v redis-server >/dev/null || servers+=" redis-tools"

missing=$(missing_packages $browser $torch $servers)
if [ "${1:-}" = --missing ]; then printf '%s' "$missing"; exit 0; fi
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || fail "prepare.sh installs packages: start it as root."

# Debian's packages would make a cluster and start daemons that have no settings.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
if [[ " $missing " == *" postgresql "* ]]; then
  require_packages "the tests run on a real PostgreSQL too" postgresql-common
  sed -ri 's/^#?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
fi
require_packages "the tests drive a real browser, load models in PyTorch, and run on real servers" $missing
