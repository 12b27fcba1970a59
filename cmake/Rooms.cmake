# A room is a folder of src/: one static library qpq_ROOM from its *.cc, one test program ROOM_test from its *_test.cc.
#
#   qpq_room(NAME USES room… LIBRARIES target… TEST_USES room…)
#
# USES are the rooms whose headers this one includes; tests/house checks the same rule against the table of rooms.
# TEST_USES are further rooms that only the tests need.

add_library(qpq_options INTERFACE)
target_include_directories(qpq_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(qpq_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough
  -Werror -fno-strict-aliasing -fstack-protector-strong -D_GLIBCXX_ASSERTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # TRY (base/try.h) is a statement expression, which both compilers know; clang warns of it inside other macros.
  target_compile_options(qpq_options INTERFACE -Wno-gnu-statement-expression -Wno-missing-field-initializers)
else()
  target_compile_options(qpq_options INTERFACE -Wno-missing-field-initializers)
endif()

function(qpq_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES;TEST_USES" ${ARGN})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${files})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER files EXCLUDE REGEX "_test\\.cc$")

  add_library(qpq_${name} STATIC ${files})
  list(TRANSFORM ROOM_USES PREPEND qpq_)
  target_link_libraries(qpq_${name} PUBLIC qpq_options ${ROOM_USES} ${ROOM_LIBRARIES})

  if(tests)
    list(TRANSFORM ROOM_TEST_USES PREPEND qpq_)
    qpq_test(${name}_test SOURCES ${tests} USES qpq_${name} ${ROOM_TEST_USES} PREFIX "${name}: ")
  endif()
endfunction()

# qpq_test(PROGRAM SOURCES file… USES target… PREFIX text): a Catch2 program whose cases are ctest's tests.
function(qpq_test program)
  cmake_parse_arguments(TEST "" "PREFIX" "SOURCES;USES" ${ARGN})
  add_executable(${program} ${TEST_SOURCES})
  target_link_libraries(${program} PRIVATE ${TEST_USES} qpq_test_support Catch2::Catch2WithMain)
  catch_discover_tests(${program} TEST_PREFIX "${TEST_PREFIX}" DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()

# qpq_fuzz(NAME USES target…): a libFuzzer program fuzz_NAME from NAME_fuzz.cc; only with QPQ_FUZZ.
function(qpq_fuzz name)
  if(NOT QPQ_FUZZ)
    return()
  endif()
  cmake_parse_arguments(FUZZ "" "" "USES" ${ARGN})
  add_executable(fuzz_${name} ${name}_fuzz.cc)
  target_link_libraries(fuzz_${name} PRIVATE ${FUZZ_USES})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
