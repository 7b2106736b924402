#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Lines of the source files: median, largest, and those over 400, which need a reason in the table.
set -euo pipefail
cd "$(dirname "$0")/../.."

most=400
reasons='
configs/contract/generated/  generated from configs/contract/npu.yaml
rtl/generated/               generated from configs/contract/npu.yaml
'

reason_of() {
  local prefix reason
  while read -r prefix reason; do
    if [[ -n $prefix && $1 == "$prefix"* ]]; then echo "$reason"; fi
  done <<<"$reasons"
}

failed=0 written=() longest=0 largest=''
while read -r file; do
  [[ -f $file ]] || continue
  lines=$(wc -l <"$file")
  reason=$(reason_of "$file")
  if [[ -z $reason ]]; then
    written+=("$lines")
    if ((lines > longest)); then longest=$lines largest=$file; fi
  fi
  if ((lines > most)); then
    if [[ -z $reason ]]; then failed=1; fi
    echo "check/sizes: $file: $lines lines: ${reason:-more than $most without a reason in tools/check/sizes.sh}" >&2
  fi
done < <(git ls-files -co --exclude-standard -- '*.cpp' '*.h' '*.sv' '*.sh' '*.cmake')

mapfile -t sorted < <(printf '%s\n' "${written[@]}" | sort -n)
echo "check/sizes: ${#sorted[@]} files written by hand, median ${sorted[${#sorted[@]} / 2]} lines, largest $largest with $longest"
exit $failed
