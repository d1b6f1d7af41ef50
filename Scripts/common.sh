# shellcheck shell=bash disable=SC2034,SC2154
# What the launcher and the setup share. Sourced, not run; `root` is the checkout.
#
# Everything is said on standard error: standard output belongs to the program.

say() { printf 'hoga: %s\n' "$*" >&2; }

# Says why it stops, one line per argument.
fail() {
  say "error: $1"
  (($# == 1)) || printf '      %s\n' "${@:2}" >&2
  exit 1
}

# Prints the time since SINCE (from EPOCHREALTIME) in seconds with one decimal.
elapsed() {
  local microseconds=$((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}))
  printf '%d.%d s' $((microseconds / 1000000)) $((microseconds / 100000 % 10))
}

# However it ends, a script leaves no process behind that holds its caller's pipes open, and no
# half-made folder. (After a kill that cannot be caught, the next run removes the folder.)
progress=
temporary=
lock=
finish() {
  local code=$? free
  [[ -z $progress ]] || kill "$progress" 2>/dev/null || true
  if ((code != 0)); then
    # Tools report a full disk each in its own way, or not at all.
    free=$(df -Pm "$root" | awk 'NR == 2 && $4 < 50 { print $4 " MB free on " $6 }')
    [[ -z $free ]] || say "the disk is full: $free"
  fi
  [[ -z $temporary ]] || rm -rf "$temporary"
}
trap finish EXIT

# Runs COMMAND with its output in LOG, and meanwhile shows LABEL, what the function STATUS prints,
# and the seconds that went by: on one line of a terminal, or else as a line now and then.
#
# Usage: run_logged LABEL STATUS LOG COMMAND...
run_logged() {
  local label=$1 status=$2 log=$3 code=0
  shift 3
  show_progress "$label" "$status" "$log" &
  progress=$!
  "$@" >"$log" 2>&1 </dev/null || code=$?
  kill "$progress" 2>/dev/null || true
  wait "$progress" 2>/dev/null || true
  progress=
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
  return "$code"
}

show_progress() {
  local label=$1 status=$2 log=$3 pause=20 width=80 line began=$SECONDS nap
  trap - EXIT
  [[ -z $lock ]] || exec {lock}>&-
  if [[ -t 2 ]]; then
    pause=0.3
    width=$(tput cols 2>/dev/null || echo 80)
  fi
  # Waits on a pipe that never has anything: unlike `sleep`, it ends when this process is killed.
  exec {nap}<> <(:)
  while ! read -r -t "$pause" -u "$nap" && kill -0 $$ 2>/dev/null; do
    line="$label, $("$status" "$log")$((SECONDS - began)) s"
    if [[ -t 2 ]]; then
      printf '\r\033[K%s' "${line:0:width - 1}" >&2
    else
      printf '%s\n' "$line" >&2
    fi
  done
}

# Waits for FILE's lock, so that two runs at once do not write to the same folder, and keeps it in
# `lock` until `unlock`. Children inherit it: after a kill, it is held until the last of them ends.
take_lock() {
  exec {lock}>"$1"
  flock --nonblock "$lock" || { say "waiting for another run of hoga to finish $2"; flock "$lock"; }
}
unlock() {
  exec {lock}>&-
  lock=
}

# Hoga runs where its libraries' builds run.
check_platform() {
  [[ $(uname -s) == Linux ]] || { echo "Hoga runs on Linux; this is $(uname -s)"; return 1; }
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) echo "Hoga runs on x86_64 and aarch64 processors; this is $(uname -m)"; return 1 ;;
  esac
  local libc
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || { echo "Hoga needs the GNU C library"; return 1; }
  [[ $(printf '%s\n2.28\n' "${libc#* }" | sort -V | head -1) == 2.28 ]] \
    || { echo "Hoga needs the GNU C library 2.28 or later; this is ${libc#* }"; return 1; }
}

# Sets `swift` to a Swift compiler: of PATH, else the one of the last build (a job started by cron
# has another PATH than the shell that built), else of the usual places.
find_swift() {
  swift=$(type -P swift) && return
  local candidate
  for candidate in "$(cat "$root/.build/.hoga-swift" 2>/dev/null)" \
    "${HOME-}"/.local/share/swiftly/bin/swift /opt/swift/usr/bin/swift \
    /usr/share/swift/usr/bin/swift /usr/libexec/swift/bin/swift; do
    if [[ -x $candidate ]]; then
      swift=$candidate
      return
    fi
  done
  swift=
  return 1
}

swift_wanted=6.2
swift_site=https://www.swift.org/install/linux
# Prints the version of `swift`; fails when it is too old or not a compiler (a Python package and
# OpenStack's client have programs of that name).
swift_version() {
  local version
  version=$("$swift" --version 2>/dev/null | grep -oE 'Swift version [0-9.]+' | head -1) || return 1
  echo "${version##* }"
  [[ $(printf '%s\n' "${version##* }" "$swift_wanted" | sort -V | head -1) == "$swift_wanted" ]]
}

# The Python that fetches wheels: the first one that has pip.
find_python() {
  for python in "$(type -P python3)" /usr/bin/python3; do
    [[ -x $python ]] && "$python" -c 'import pip' 2>/dev/null && return
  done
  python=
  return 1
}

pins=$root/Scripts/dependencies.txt

# Prints the Debian packages that are wanted and not installed.
missing_packages() {
  type -P dpkg-query >/dev/null || return 0
  local wanted
  mapfile -t wanted < <(awk '$1 == "apt" { print $2 }' "$pins")
  type -P git >/dev/null || wanted+=(git)
  comm -23 <(printf '%s\n' "${wanted[@]}" | sort) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null \
      | awk '$2 == "installed" { print $1 }' | sort -u)
}

# What a finished setup leaves in `.deps/.stamp`: it is done again when the pins or the recipe
# change.
setup_stamp() {
  (cd "$root/Scripts" && sha256sum dependencies.txt setup)
  uname -m
}
