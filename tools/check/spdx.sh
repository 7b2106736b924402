#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Every source file begins with the two-line header, and none holds a word for unfinished work.
set -euo pipefail
cd "$(dirname "$0")/../.."

failed=0
while read -r file; do
  [[ -f $file ]] || continue
  if ! head -4 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
    echo "check/spdx: $file: no SPDX header in its first lines" >&2
    failed=1
  fi
done < <(git ls-files -co --exclude-standard -- '*.cpp' '*.h' '*.sv' '*.sh' '*.cmake' '*CMakeLists.txt' 'configs/*.yaml' 'tools/setup' 'tools/test' 'tools/demo' 'tools/nightly')
if git grep -n -i -w -E 'todo|fixme|xxx' -- '*.cpp' '*.h' '*.sv' >&2; then
  echo "check/spdx: unfinished work above" >&2
  failed=1
fi
exit $failed
