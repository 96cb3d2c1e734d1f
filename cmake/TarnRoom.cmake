# tarn_room(name USES room... LIBS target...)
#
# One room: a static library tarn_<name> of src/<name>/**/*.cc and, with tests, one test program
# tarn_<name>_test of its *_test.cc. A room may use only rooms declared before it, so a cycle cannot be
# written; tools/tidy holds every #include against the USES list. FILES narrows the room to these files, given
# without their endings.
function(tarn_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LIBS;TEST_LIBS;FILES" ${ARGN})
  foreach(used IN LISTS ROOM_USES)
    if(NOT TARGET tarn_${used})
      message(FATAL_ERROR "room ${name} uses ${used}, which is not declared above it")
    endif()
  endforeach()
  set(root "${CMAKE_SOURCE_DIR}/src/${name}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${root}/*.cc")
  if(ROOM_FILES)
    list(JOIN ROOM_FILES "|" stems)
    list(FILTER sources INCLUDE REGEX "/(${stems})(_test)?\\.cc$")
  endif()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(tarn_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(tarn_${name} PRIVATE tarn_warnings)
  else()
    add_library(tarn_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(tarn_${name} ${scope} "${CMAKE_SOURCE_DIR}/src")
  list(TRANSFORM ROOM_USES PREPEND tarn_)
  target_link_libraries(tarn_${name} ${scope} ${ROOM_USES} ${ROOM_LIBS})
  if(TARN_TESTS AND tests)
    add_executable(tarn_${name}_test ${tests})
    target_link_libraries(tarn_${name}_test PRIVATE tarn_${name} tarn_warnings ${ROOM_TEST_LIBS} GTest::gmock
                                                    GTest::gtest_main)
    add_test(NAME unit.${name} COMMAND tarn_${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS "unit;${name}" TIMEOUT 300)
  endif()
endfunction()

# tarn_room_part(name FILES file... USES room... LIBS target...)
#
# The files of a room above the engine that need no engine, for builds without it: the sanitizers and the fuzz targets
# reach what reads foreign bytes. The room itself is declared with all its files by tarn_room.
function(tarn_room_part name)
  tarn_room(${name} ${ARGN})
endfunction()
