#!/usr/bin/env bash
# Prepares the computer for the tests and runs them all: ./test.sh [arguments of dotnet test, such as --filter Runs]
# The last line is "N passed, N failed, N skipped".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/.ci/machine.sh"
. "$here/.ci/python.sh"

require_dotnet
require_libraries
missing=$("$here/.ci/prepare.sh" --missing)
if [ -n "$missing" ]; then
  may_be_root || fail "The tests need $missing. Installing needs root: have '$here/.ci/prepare.sh' run once as root, then start again."
  as_root "$here/.ci/prepare.sh" || exit
fi
try_onnxruntime

packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
[ -d "$packages/libtorch-cpu-linux-x64" ] || need_space "$packages" 3000 "Restoring NuGet packages"
[ -d "$here/Training.Tests/bin" ] || need_space "$here" 4000 "Building"
say "Building …"
dotnet build "$here/FineTuneDashboard.sln" -v quiet -nologo -p:CreateHardLinksForCopyLocalIfPossible=true ||
  fail "The build failed: see the lines above."
# Steps of milliseconds only wait for a second thread, and tests run side by side anyway.
export OMP_NUM_THREADS=1
# Processes that live for seconds gain nothing from measuring themselves.
export DOTNET_TieredPGO=0
# The tests speak with servers of their own on this computer, whatever proxy the web is behind.
export no_proxy="127.0.0.1,localhost,::1${no_proxy:+,$no_proxy}" NO_PROXY="127.0.0.1,localhost,::1${NO_PROXY:+,$NO_PROXY}"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
say "Testing …"
dotnet test "$here/Training.Tests" --no-build --nologo --logger "trx;LogFileName=tests.trx" \
  --logger "console;verbosity=normal" --results-directory "$results" "$@" || status=$?

# The lines of the failed ones are thousands of lines above by now.
[ "$status" = 0 ] || [ ! -f "$results/tests.trx" ] || python3 "$here/.ci/failures.py" "$results/tests.trx" || true
counters=$(grep -o '<Counters [^>]*>' "$results/tests.trx" 2>/dev/null || true)
count() { printf '%s' "$counters" | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' || echo 0; }
total=$(count total) executed=$(count executed) passed=$(count passed)
[ "$executed" -gt 0 ] || { say "No test ran."; exit 1; }
say "Prepared, built and tested in $((SECONDS / 60)) min $((SECONDS % 60)) s."
echo "$passed passed, $((executed - passed)) failed, $((total - executed)) skipped"
exit "$status"
