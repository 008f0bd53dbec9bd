#!/usr/bin/env bash
# Starts the dashboard at http://127.0.0.1:5080, or runs a verb: ./run.sh train --data photos --out model
# The first start builds; later ones only check that nothing changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/.ci/machine.sh"
. "$here/.ci/program.sh"

if ! is_current; then
  require_dotnet
  require_libraries
  try_jemalloc
  publish_program
fi
folder=$(readlink -f "$program")
# A verb trains in its own process, which keeps the memory of its tensors: layers are several times faster than with pages mapped anew.
case "${1:-}" in
  '' | -* | serve | agent) ;;
  *) export MALLOC_ARENA_MAX=1 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=2147483647 MALLOC_TOP_PAD_=67108864
     export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"
     if [ -f "$folder/libjemalloc.so.2" ]; then
       export LD_PRELOAD="${LD_PRELOAD-$folder/libjemalloc.so.2}"
       export MALLOC_CONF="${MALLOC_CONF-narenas:1,oversize_threshold:0,lg_extent_max_active_fit:10,dirty_decay_ms:-1,muzzy_decay_ms:-1}"
     fi ;;
esac
exec "$folder/Dashboard" "$@"
