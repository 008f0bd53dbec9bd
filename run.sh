#!/usr/bin/env bash
# Starts the dashboard at http://127.0.0.1:5080, or runs a verb: ./run.sh train --data photos --out model
# The first start prepares the computer and builds; later ones only check that nothing changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/.ci/machine.sh"

require_dotnet
require_libstdcxx
try_jemalloc
program=$here/Dashboard/bin/Release/net10.0/Dashboard.dll

# Building nothing still takes seconds: ask the file system first whether a source is newer than the program.
if [ ! -f "$program" ] || [ -n "$(find "$here/Dashboard" "$here/Training.Core" "$here/wwwroot-assets" "$here"/Directory.*.props \
    \( -name bin -o -name obj \) -prune -o -type f -newer "$program" -print -quit)" ]; then
  say "Building (the first time this restores packages and takes a minute or two) …"
  log=$(mktemp)
  dotnet build "$here/Dashboard" -c Release -v quiet -nologo >"$log" 2>&1 || { cat "$log" >&2; fail "The build failed: see the lines above."; }
  rm -f "$log"
  touch "$program"
fi
# A verb trains in its own process, which keeps the memory of its tensors: layers are several times faster than with pages mapped anew.
case "${1:-}" in
  '' | -* | serve | agent) ;;
  *) export MALLOC_ARENA_MAX=1 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=2147483647 MALLOC_TOP_PAD_=67108864
     export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"
     jemalloc=$(find_jemalloc)
     if [ -n "$jemalloc" ]; then
       export LD_PRELOAD="${LD_PRELOAD-$jemalloc}"
       export MALLOC_CONF="${MALLOC_CONF-narenas:1,oversize_threshold:0,lg_extent_max_active_fit:10,dirty_decay_ms:-1,muzzy_decay_ms:-1}"
     fi ;;
esac
exec dotnet "$program" "$@"
