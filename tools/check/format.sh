#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Every C++ file is as clang-format 14 (Debian 12's) leaves it. Without that program nothing is checked, and a line says so.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! version=$(clang-format --version 2>/dev/null) || [[ $version != *' 14.'* ]]; then
  echo "check/format: skipped: clang-format 14 is not installed" >&2
  exit 0
fi
git ls-files -co --exclude-standard -- '*.cpp' '*.h' ':!configs/contract/generated' |
  while read -r file; do [[ ! -f $file ]] || echo "$file"; done |
  xargs clang-format --dry-run -Werror
