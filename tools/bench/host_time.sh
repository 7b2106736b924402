# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# What tools/bench/speed and tools/bench/scaling share: to be sourced from the repository's root.
systole=$PWD/build/dev/tools/systole/systole
[[ -x build/release/tools/systole/systole ]] && systole=$PWD/build/release/tools/systole/systole
runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pinned=(taskset -c "${CORE:-0}")
command -v taskset >/dev/null || pinned=()

# Seconds of one core that a command takes, user and system: the least of the runs.
core_seconds() {
  local least='' TIMEFORMAT='%U %S' i
  for ((i = 0; i < runs; ++i)); do
    { time "${pinned[@]}" "$@" >"$work/out" 2>"$work/err"; } 2>"$work/time" || { cat "$work/err" >&2; return 1; }
    least=$(awk -v least="$least" '{ s = $1 + $2; print (least == "" || s < least) ? s : least }' "$work/time")
  done
  echo "$least"
}
# A run without values, its directory kept: core_seconds' answer.
run_off() { core_seconds "$systole" run "$@" --functional off -o "$work/run"; }
host_fact() { sed -n 's/.*"'"$1"'": \([0-9.e+-]*\),\{0,1\}$/\1/p' "$work/run/host.json" | head -1; }
total() { sed -n '/"'"$1"'": {/,/}/s/.*"value": "\{0,1\}\([0-9]*\).*/\1/p' "$work/run/run.json" | head -1; }
