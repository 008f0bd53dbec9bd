#!/usr/bin/env bash
# What somebody new does: ./run.sh, the first page, a run on the demo set. Fails unless the run completes with nine of ten images right.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$here/.ci/machine.sh"

# Where something else listens at 5080, it is not what is looked at here.
# Whatever proxy the web is behind.
export no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"
port=5080
while curl -s -o /dev/null "http://127.0.0.1:$port/"; do port=$((port + 1)); done
url=http://127.0.0.1:$port
log=$(mktemp)
start=$SECONDS
"$here/run.sh" --urls "$url" >"$log" 2>&1 & dashboard=$!
trap 'kill -9 $dashboard 2>/dev/null || true' EXIT

wait_for() { # SECONDS WHAT COMMAND...
  local until=$((SECONDS + $1)) what=$2; shift 2
  until "$@"; do
    kill -0 $dashboard 2>/dev/null || { cat "$log" >&2; fail "run.sh ended before $what."; }
    [ $SECONDS -lt $until ] || { tail -n 20 "$log" >&2; fail "Waited in vain for $what."; }
    sleep 0.5
  done
}
# field NAME: the first one of that name in the JSON on standard input, a word or a number. A bare system has no program that reads JSON.
field() { sed -nE "s/(,|\{)\"$1\":\"?([^\",}]*).*/\n\2/; s/.*\n//p"; }
healthy() { local status; status=$(curl -fsS "$url/health" 2>/dev/null | field status) && [ "$status" = healthy ]; }
ended() { state=$(curl -fsS "$url/api/runs/$run" | field state); case $state in completed | failed | stopped) return 0 ;; *) return 1 ;; esac; }

wait_for 900 "/health says healthy" healthy
up=$((SECONDS - start))
curl -fsS -o /dev/null "$url/" || fail "The first page can't be had."
asked=$SECONDS
run=$(curl -sS "$url/api/runs" -H 'content-type: application/json' -d '{"dataset": "Shapes (demo)", "mode": "transfer"}' | tee -a "$log" | field id)
[ -n "$run" ] || { tail -n 3 "$log" >&2; fail "The dashboard is healthy and refuses the first run."; }
wait_for 300 "the demo run's end" ended
matrix=$(curl -fsS "$url/api/runs/$run/confusion")
correct=$(field correct <<<"$matrix") total=$(field total <<<"$matrix")
say "Ready after $up s; the demo run: $state in $((SECONDS - asked)) s, $correct of $total validation images right."
[ "$state" = completed ] && [ $((10 * correct)) -ge $((9 * total)) ] || fail "That is not what a new user should see."
kill "$dashboard" && wait "$dashboard" || true

# A second start builds nothing, and the folder alone is the program: elsewhere, without the SDK and without NuGet's folder.
again=$SECONDS
"$here/run.sh" --version >/dev/null || fail "The second start failed."
say "A second start: $((SECONDS - again)) s."
elsewhere=$(mktemp -d)
cp -rL "$here/Dashboard/bin/program" "$elsewhere/program"
mv "$HOME/.nuget" "$elsewhere/.nuget"
env -i HOME="$elsewhere" PATH=/usr/bin:/bin DOTNET_ROOT=/nowhere "$elsewhere/program/Dashboard" --urls "$url" --Dashboard:DataRoot="$elsewhere/data" >"$log" 2>&1 & dashboard=$!
wait_for 60 "the copied folder's /health says healthy" healthy
page=$(curl -fsS "$url/")
for asset in $(grep -oE '(href|src)="/[^"]+\.(css|js)"' <<<"$page" | cut -d'"' -f2); do
  curl -fsS --compressed -o /dev/null "$url$asset" || fail "The copied folder's $asset can't be had."
done
# What a first visit of a run's page weighs: the page, what it links, and the charts' script. A second one takes the page alone.
weight=$(curl -fsS -o /dev/null -w '%{size_download}' "$url/")
for asset in $(grep -oE '(href|src)="/[^"]+\.(css|js)"' <<<"$page" | cut -d'"' -f2) /assets/vendor/apexcharts.min.js /assets/js/line-chart.js; do
  head=$(curl -fsS -H 'accept-encoding: br' -D - -o "$elsewhere/asset" "$url$asset")
  grep -i '^content-encoding: br' <<<"$head" >/dev/null || fail "$asset isn't compressed."
  weight=$((weight + $(stat -c %s "$elsewhere/asset")))
done
say "A first visit weighs $((weight / 1000)) kB."
[ "$weight" -le 350000 ] || fail "That is more than 350 kB."
mv "$elsewhere/.nuget" "$HOME/.nuget"
rm -rf "$elsewhere"
say "A copy of Dashboard/bin/program starts without .NET."
