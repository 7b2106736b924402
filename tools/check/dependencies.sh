#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Who may include whom. A row: the folder, then what its files may include besides their own folder and the standard library.
# The most specific folder's row counts. Libraries that are confined to a place are listed below it.
set -euo pipefail
cd "$(dirname "$0")/../.."

rules='
hal/numeric             hal/dtype.h
hal                     -
configs/contract        -
configs/spec            hal/
sim/memory              configs/spec/npu_spec.h configs/spec/dram_device.h
sim/links               configs/spec/link_spec.h
rtl/cosim               hal/numeric/ configs/contract/ configs/spec/npu_spec.h sim/ rtl/harness/pins.h
rtl                     configs/contract/ configs/spec/npu_spec.h sim/memory/
rtl/interpreter         configs/contract/ configs/spec/npu_spec.h
rtl/differential        configs/contract/ configs/spec/npu_spec.h sim/npu.h rtl/harness/ rtl/cosim/ rtl/interpreter/
sim                     hal/numeric/ configs/contract/ configs/spec/npu_spec.h sim/memory/
devices/npu/compiler    hal/ configs/contract/ configs/spec/npu_spec.h devices/npu/
devices/npu             hal/ configs/contract/ configs/spec/ sim/ rtl/
devices/gpu/cuda        hal/status.h devices/gpu/provider.h
devices/gpu/opencl      hal/status.h devices/gpu/provider.h
devices/gpu/kernels     hal/
devices/gpu/lower       hal/ devices/gpu/
devices/gpu             hal/
devices/null            hal/
devices/ref             hal/
devices/cpu             hal/
graph                   hal/
serve                   hal/status.h
package                 hal/ devices/
report                  hal/ graph/
tools                   hal/ configs/ devices/ sim/ rtl/differential/ graph/ package/ report/ serve/
tests                   hal/ configs/ devices/ sim/ rtl/ graph/ package/ report/ serve/ tools/
fuzz                    hal/ configs/ devices/ sim/ graph/ serve/
bench                   hal/ configs/ devices/ sim/ graph/ report/
'
# header pattern, then the places that may include it
confined='
yaml-cpp/               configs/spec/ tools/contract/
systemc|tlm             sim/ !sim/memory/ !sim/links/
dnnl                    devices/cpu/
CL/                     devices/gpu/opencl/
ffnvcodec/|cuda         devices/gpu/cuda/ tests/gpu_cuda/
onnx/|google/protobuf   graph/onnx tests/ report/trace tools/
boost/                  tools/
'

row_of() {  # the longest folder of the table that the file lies in
  local file=$1 best='' folder rest
  while read -r folder rest; do
    [[ -n $folder && $file == "$folder"/* && ${#folder} -gt ${#best} ]] && best=$folder
  done <<<"$rules"
  echo "$best"
}

failed=0
while IFS=: read -r file _ line; do
  header=$(sed -E 's/.*#include "([^"]+)".*/\1/' <<<"$line")
  [[ $header == */* ]] || continue
  folder=$(row_of "$file")
  [[ -n $folder ]] || { echo "check/dependencies: $file: its folder is not in the table" >&2; failed=1; continue; }
  [[ $header == "$folder"/* ]] && ! { [[ $folder == hal && $header == hal/numeric/* ]]; } && continue
  allowed=0
  for prefix in $(awk -v folder="$folder" '$1 == folder { $1 = ""; print }' <<<"$rules"); do
    [[ $header == "$prefix"* ]] && allowed=1
  done
  if [[ $folder == hal && $header == hal/numeric/* ]]; then allowed=1; fi
  if ((!allowed)); then
    echo "check/dependencies: $file: $folder may not include \"$header\"" >&2
    failed=1
  fi
done < <(git grep -n --untracked -E '^#include "' -- '*.cpp' '*.h')

while read -r pattern places; do
  [[ -n $pattern ]] || continue
  while IFS=: read -r file _; do
    allowed=0
    for place in $places; do
      if [[ $place == !* ]]; then
        [[ $file == "${place#!}"* ]] && allowed=0
      elif [[ $file == "$place"* ]]; then
        allowed=1
      fi
    done
    if ((!allowed)); then
      echo "check/dependencies: $file: <$pattern...> belongs in $places" >&2
      failed=1
    fi
  done < <(git grep -n --untracked -E "^#include <($pattern)" -- '*.cpp' '*.h')
done <<<"$confined"
exit $failed
