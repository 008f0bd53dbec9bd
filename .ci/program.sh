# The program that run.sh starts: published into a folder of its own, which needs neither this checkout nor .NET. Sourced by run.sh.

programs=$here/Dashboard/bin
program=$programs/program
# Torch=cuda ./run.sh builds with TorchSharp's CUDA package; later starts keep what was chosen.
torch=${Torch:-$(cat "$program/published" 2>/dev/null || echo cpu)}

# Building nothing still takes seconds: ask the file system first whether a source is newer than the program.
is_current() {
  [ -x "$program/Dashboard" ] && [ "$(cat "$program/published")" = "$torch" ] && [ -z "$(find "$here/Dashboard" "$here/Training.Core" "$here/wwwroot-assets" "$here"/Directory.*.props \
    \( -name bin -o -name obj \) -prune -o -type f -newer "$program/published" -print -quit)" ]
}

# Into a folder with a name of its own: what runs of an earlier build keeps its files.
publish_program() {
  mkdir -p "$programs"
  exec 8>"$programs/.building"
  if command -v flock >/dev/null && ! flock -n 8; then
    say "Another start is building: waiting for it …"
    flock 8
    if is_current; then exec 8>&-; return 0; fi
  fi
  local packages=${NUGET_PACKAGES:-$HOME/.nuget/packages} new log
  [ -d "$packages/libtorch-cpu-linux-x64" ] || need_space "$packages" 3000 "Restoring NuGet packages"
  need_space "$programs" 2000 "Building"
  say "Building (the first time this restores packages and takes two or three minutes) …"
  new=$programs/program-$(date +%Y%m%d-%H%M%S) log=$(mktemp)
  # Hard links where the file system has them: the same bytes lie in NuGet's folder.
  if ! dotnet publish "$here/Dashboard" -c Release $(is_linux_x64 && echo "-r linux-x64 --self-contained") -o "$new" -v quiet -nologo -p:Torch="$torch" \
      -p:CreateHardLinksForCopyLocalIfPossible=true -p:CreateHardLinksForPublishFilesIfPossible=true >"$log" 2>&1; then
    rm -rf "$new"; cat "$log" >&2
    fail "The build failed: see the lines above. $(what_to_do "$log")"
  fi
  rm -f "$log"
  if library=$(find_jemalloc) && [ -n "$library" ]; then cp -L "$library" "$new/"; fi
  echo "$torch" >"$new/published"
  ln -sfn "${new##*/}" "$program.new" && mv -T "$program.new" "$program"
  remove_old_programs "${new##*/}"
  exec 8>&-
}

what_to_do() {
  if grep -qE 'No space left on device' "$1"; then echo "The disk is full: make room, then start again."
  elif grep -qE 'NU1301|NU1801|Unable to load the service index|Resource temporarily unavailable|SSL connection could not' "$1"; then
    echo "NuGet's packages can't be fetched: is the network up, and does this computer need a proxy (https_proxy=http://…)? 'dotnet nuget list source' shows where they come from."
  elif grep -qE 'Access to the path|Permission denied|UnauthorizedAccess' "$1"; then
    echo "Files of another account are in the way: build in a checkout of your own."
  fi
}

# The one before this stays: jobs in a queue may still name it. So do those that something runs from.
remove_old_programs() {
  local old in_use
  in_use=$(readlink /proc/[0-9]*/exe 2>/dev/null || true)
  for old in $(ls -d "$programs"/program-* | sort | head -n -2); do
    grep -qF "$old/" <<<"$in_use" || rm -rf "$old"
  done
}

# The allocator of trainings: a tenth faster with it, and they work without. Debian's package is unpacked, not installed; tried once.
find_jemalloc() {
  local library
  library=$(find_library libjemalloc.so.2)
  [ -n "$library" ] || library=$(ls "$cache"/jemalloc/usr/lib/*/libjemalloc.so.2 2>/dev/null | sed -n 1p || true)
  printf '%s' "$library"
}

try_jemalloc() {
  is_linux_x64 && command -v apt-get >/dev/null && [ -z "$(find_jemalloc)" ] && [ ! -e "$cache/tried-jemalloc" ] || return 0
  mkdir -p "$cache" && touch "$cache/tried-jemalloc"
  say "Getting jemalloc: trainings are a tenth faster with it (once, a few seconds)."
  unpack_packages "$cache/jemalloc" "" libjemalloc2 || say "Going on without it."
}
