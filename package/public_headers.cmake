# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# Copies the public headers, and every header that they include, from SOURCE to TARGET, where "hal/op.h" is called
# "systole/hal/op.h" and "package/devices.h" "systole/devices.h": a user's include path gets one name of ours.
# Run at install: cmake -DSOURCE=... -DTARGET=... -P public_headers.cmake
cmake_minimum_required(VERSION 3.25)
set(pending
  package/systole.h
  hal/host_device.h hal/registry.h                                     # writing a device
  hal/numeric/bf16.h hal/numeric/f16.h hal/numeric/fp8.h               # tensors' bytes as numbers
  graph/import.h graph/builtin/builtin.h graph/executor.h graph/verify.h)  # model files, built-in networks, sessions

file(REMOVE_RECURSE ${TARGET})
set(done "")
while(pending)
  list(POP_FRONT pending header)
  if(header IN_LIST done)
    continue()
  endif()
  list(APPEND done ${header})
  file(READ ${SOURCE}/${header} text)
  string(REGEX MATCHALL "#include \"[^\"]+\"" includes "${text}")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "#include \"(.*)\"" "\\1" include "${include}")
    list(APPEND pending ${include})
  endforeach()
  string(REPLACE "#include \"package/" "#include \"" text "${text}")
  string(REPLACE "#include \"" "#include \"systole/" text "${text}")
  string(REGEX REPLACE "^package/" "" installed ${header})
  file(WRITE ${TARGET}/systole/${installed} "${text}")
endwhile()
