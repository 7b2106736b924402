#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Blocks of README.md and docs/ that begin with "$ systole ..." show what that command prints: every line of them but "..." is
# in its output. Usage: commands.sh PROGRAM, from the repository root.
set -euo pipefail
program=$1

failed=0 shown=0
while IFS=$'\t' read -r document command line; do
  if [[ $command != "${previous:-}" ]]; then
    output=$("$program" $command 2>&1) || { echo "$document: systole $command fails: $output" >&2; failed=1; }
    previous=$command
  fi
  shown=$((shown + 1))
  if [[ $'\n'$output$'\n' != *$'\n'"$line"$'\n'* ]]; then
    echo "$document: systole $command no longer prints this line; now it prints:" >&2
    printf '%s\n\n%s\n' "$line" "$output" >&2
    failed=1
  fi
done < <(awk -v OFS='\t' '
  /^```/ { command = ""; first = !first; next }
  first && /^\$ systole / { command = substr($0, 11); next }
  command != "" && $0 != "..." { print FILENAME, command, $0 }' README.md docs/*.md)

if ((shown == 0)); then
  echo "no command is shown" >&2
  failed=1
fi
echo "$shown lines compared"
exit $failed
