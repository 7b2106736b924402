# SPDX-FileCopyrightText: 2026 The Systole authors
# SPDX-License-Identifier: Apache-2.0
# House rules for targets: include paths from the repository root, warnings on, one helper for libraries, one for tests.

function(systole_target_defaults target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wno-missing-field-initializers -ffp-contract=off)
endfunction()

# systole_library(NAME SOURCES... [LINK PUBLIC a PRIVATE b]): a static library of one folder.
function(systole_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  systole_target_defaults(${name})
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# systole_test(NAME SOURCES... LINK libs...): a GoogleTest binary, one CTest entry per binary.
function(systole_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name} ${arg_SOURCES})
  systole_target_defaults(${name})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gtest_main)
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
endfunction()
