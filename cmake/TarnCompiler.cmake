# Warnings, linker and compiler cache: one place for what every target of ours is built with.
add_library(tarn_warnings INTERFACE)
target_compile_options(tarn_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor
                                               -Woverloaded-virtual -Werror)
find_program(TARN_MOLD mold)
if(TARN_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
find_program(TARN_CCACHE ccache)
if(TARN_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${TARN_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TARN_CCACHE}")
endif()
