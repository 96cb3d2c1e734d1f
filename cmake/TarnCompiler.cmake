# Warnings, linker and compiler cache: one place for what every target of ours is built with.
add_library(tarn_warnings INTERFACE)
target_compile_options(tarn_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor
                                               -Woverloaded-virtual -Werror)
# GCC 12 reports std::string concatenation as overlapping memcpy (GCC bug 105651).
target_compile_options(tarn_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
find_program(TARN_MOLD mold)
if(TARN_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
find_program(TARN_CCACHE ccache)
if(TARN_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${TARN_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TARN_CCACHE}")
endif()
