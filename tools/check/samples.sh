#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Every block of C++ or CMake in docs/ is quoted from the file that the comment above it names, line by line but for indentation.
set -euo pipefail
cd "$(dirname "$0")/../.."

unindented() { sed -E 's/^[[:space:]]+//' "$@"; }

failed=0
complain() { echo "check/samples: $1" >&2; failed=1; }

check() {  # document, line of the block, file it is quoted from, its text
  if [[ ! -f $3 ]]; then
    complain "$1:$2: expected a comment with the file that the block is quoted from, got '$3'"
    return
  fi
  local file=$'\n'$(unindented "$3")$'\n' block=$'\n'$(unindented <<<"$4")$'\n'
  if [[ $file != *"$block"* ]]; then complain "$1:$2: the block is not in $3"; fi
}

for document in docs/*.md README.md; do
  source='' block='' inside=0 number=0 start=0
  while IFS= read -r line; do
    number=$((number + 1))
    if ((inside)); then
      if [[ $line == '```' ]]; then
        check "$document" "$start" "$source" "${block%$'\n'}"
        inside=0 source=''
      else
        block+=$line$'\n'
      fi
    elif [[ $line =~ ^\<!--\ ([^ ]+)\ --\>$ ]]; then
      source=${BASH_REMATCH[1]}
    elif [[ $line == '```cpp' || $line == '```cmake' ]]; then
      inside=1 block='' start=$number
    fi
  done <"$document"
done
exit $failed
