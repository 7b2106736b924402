# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT: {"name", R"KERNEL(text)KERNEL"}, for every file of TEXTS.
set(all "")
foreach(path ${TEXTS})
  get_filename_component(name ${path} NAME)
  file(READ ${path} text)
  string(APPEND all "{\"${name}\", R\"KERNEL(${text})KERNEL\"},\n")
endforeach()
file(WRITE ${OUTPUT} "${all}")
