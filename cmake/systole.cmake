# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# House rules for targets: include paths from the repository root, warnings on, one helper for libraries, one for tests.
# Code is position-independent, and nobody puts functions of his own in place of ours: calls within a file may be inlined.

function(systole_target_defaults target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wno-missing-field-initializers -ffp-contract=off -fno-semantic-interposition)
endfunction()

# systole_library(NAME SOURCES... [LINK PUBLIC a PRIVATE b]): a static library of one folder.
function(systole_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  systole_target_defaults(${name})
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# What every test shares: GoogleTest, warnings, less time spent on optimising what runs once (what is tested is a library's),
# and, of GCC, headers that nearly all of them read, parsed once a build.
function(systole_test_defaults name)
  systole_target_defaults(${name})
  target_compile_options(${name} PRIVATE -O1 $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>) # the latter for ccache
  target_link_libraries(${name} PRIVATE GTest::gtest_main)
endfunction()

# systole_test(NAME SOURCES... LINK libs... [TIMEOUT seconds] [COST seconds]): a GoogleTest binary, one CTest entry per binary.
# COST: of a first run, where it is long: those start first, and none is waited for alone.
function(systole_test name)
  cmake_parse_arguments(arg "" "TIMEOUT;COST" "SOURCES;LINK" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  find_package(GTest REQUIRED)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND NOT TARGET systole_test_headers)
    add_executable(systole_test_headers EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/cmake/test_headers.cpp)
    systole_test_defaults(systole_test_headers)
    target_precompile_headers(systole_test_headers PRIVATE <gtest/gtest.h> <algorithm> <array> <cmath> <cstring>
      <functional> <map> <optional> <random> <span>)
  endif()
  add_executable(${name} ${arg_SOURCES})
  systole_test_defaults(${name})
  if(TARGET systole_test_headers)
    target_precompile_headers(${name} REUSE_FROM systole_test_headers)
  endif()
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  target_compile_definitions(${name} PRIVATE SYSTOLE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")  # ThreadSanitizer makes a simulator 20 times slower
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 8")
  endif()
  # Kernels of gpu devices are compiled once a build folder, ours and PoCL's own, and peaks are measured once.
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "SYSTOLE_GPU_CACHE=${PROJECT_BINARY_DIR}/cache/gpu;SYSTOLE_PEAKS_CACHE=${PROJECT_BINARY_DIR}/cache/peaks;POCL_CACHE_DIR=${PROJECT_BINARY_DIR}/cache/pocl")
  if(arg_COST)
    set_tests_properties(${name} PROPERTIES COST ${arg_COST})
  endif()
endfunction()
