# Everything Tarn stands on that is not its own. tools/setup has fetched, checked and unpacked it under
# TARN_CACHE (docs/reference/dependencies.md lists each part, its pin and its licence); nothing is
# downloaded here.
if(DEFINED ENV{TARN_CACHE})
  set(default_cache "$ENV{TARN_CACHE}")
else()
  set(default_cache "$ENV{HOME}/.cache/tarn")
endif()
set(TARN_CACHE "${default_cache}" CACHE PATH "downloads, unpacked parts, compiler cache")
set(deps "${TARN_CACHE}/deps")

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(simdjson REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
if(TARN_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()

add_library(tarn_xxhash INTERFACE)
target_link_libraries(tarn_xxhash INTERFACE xxhash)
add_library(tarn_roaring INTERFACE)
target_link_libraries(tarn_roaring INTERFACE roaring)
add_library(tarn_edit INTERFACE)
target_link_libraries(tarn_edit INTERFACE edit)

# nanoarrow: Arrow's C data interface, from the C sources of its PyPI source package.
set(TARN_NANOARROW_VERSION 0.9.0)
set(root "${deps}/nanoarrow-${TARN_NANOARROW_VERSION}")
if(NOT EXISTS "${root}/src/nanoarrow/nanoarrow.h")
  message(FATAL_ERROR "nanoarrow is not unpacked under ${root}: run `make setup`")
endif()
string(REPLACE "." ";" parts "${TARN_NANOARROW_VERSION}")
list(GET parts 0 NANOARROW_VERSION_MAJOR)
list(GET parts 1 NANOARROW_VERSION_MINOR)
list(GET parts 2 NANOARROW_VERSION_PATCH)
set(NANOARROW_VERSION "${TARN_NANOARROW_VERSION}")
set(NANOARROW_NAMESPACE_DEFINE "#define NANOARROW_NAMESPACE Tarn")
configure_file("${root}/src/nanoarrow/nanoarrow_config.h.in" "${CMAKE_BINARY_DIR}/deps/nanoarrow/nanoarrow_config.h")
add_library(tarn_nanoarrow STATIC "${root}/src/nanoarrow/common/array.c" "${root}/src/nanoarrow/common/array_stream.c"
                                  "${root}/src/nanoarrow/common/schema.c" "${root}/src/nanoarrow/common/utils.c")
target_include_directories(tarn_nanoarrow SYSTEM PUBLIC "${root}/src" "${CMAKE_BINARY_DIR}/deps"
                                                        "${CMAKE_BINARY_DIR}/deps/nanoarrow")

# Arrow's IPC format: nanoarrow's writer on the Flatbuffers library that its source package brings along.
set(flatcc "${deps}/flatcc-fd3c4ae5cd39")
if(NOT EXISTS "${flatcc}/include/flatcc/flatcc_builder.h")
  message(FATAL_ERROR "flatcc is not unpacked under ${flatcc}: run `make setup`")
endif()
add_library(tarn_nanoarrow_ipc STATIC "${root}/src/nanoarrow/ipc/codecs.c" "${root}/src/nanoarrow/ipc/decoder.c"
                                      "${root}/src/nanoarrow/ipc/encoder.c" "${root}/src/nanoarrow/ipc/writer.c"
                                      "${flatcc}/src/runtime/builder.c" "${flatcc}/src/runtime/emitter.c"
                                      "${flatcc}/src/runtime/refmap.c" "${flatcc}/src/runtime/verifier.c")
target_include_directories(tarn_nanoarrow_ipc SYSTEM PRIVATE "${flatcc}/include")
target_link_libraries(tarn_nanoarrow_ipc PUBLIC tarn_nanoarrow)

if(TARN_ENGINE)
  # DuckDB: the prebuilt library and the headers of the very same version. Only engine/duck includes it.
  set(TARN_DUCKDB_VERSION 1.5.6)
  set(root "${deps}/duckdb-${TARN_DUCKDB_VERSION}")
  if(NOT EXISTS "${root}/lib/libduckdb.so")
    message(FATAL_ERROR "DuckDB is not unpacked under ${root}: run `make setup`")
  endif()
  add_library(tarn_duckdb SHARED IMPORTED GLOBAL)
  set_target_properties(tarn_duckdb PROPERTIES IMPORTED_LOCATION "${root}/lib/libduckdb.so"
                                               IMPORTED_SONAME libduckdb.so)
  target_include_directories(tarn_duckdb SYSTEM INTERFACE
    "${root}/include/src/include" "${root}/include/extension/parquet/include" "${root}/include/third_party/parquet"
    "${root}/include/third_party/thrift" "${root}/include/third_party/fastpforlib"
    "${root}/include/third_party/pcg" "${root}/include/third_party/re2" "${root}/include/third_party/concurrentqueue"
    "${root}/include/third_party/zstd/include" "${root}/include/third_party/utf8proc/include")
  option(TARN_PCH "precompile the DuckDB headers for engine/duck" ON)

  # The Jinja bridge: minijinja behind a C ABI, one static library built by cargo with a locked manifest.
  set(TARN_JINJA_DIR "${CMAKE_SOURCE_DIR}/src/pipeline/jinja")
  if(EXISTS "${TARN_JINJA_DIR}/Cargo.toml")
    # One a build folder: in a shared one another checkout of the crate may be what was built last.
    set(jinja_target "${CMAKE_BINARY_DIR}/cargo")
    set(jinja_library "${CMAKE_BINARY_DIR}/deps/libtarn_jinja.a")
    file(GLOB jinja_sources CONFIGURE_DEPENDS "${TARN_JINJA_DIR}/src/*.rs" "${TARN_JINJA_DIR}/src/*.sql")
    # The crates lie under TARN_CACHE, named by the lock file they belong to: cargo then asks no registry.
    file(SHA256 "${TARN_JINJA_DIR}/Cargo.lock" jinja_crates)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${TARN_JINJA_DIR}/Cargo.lock")
    string(SUBSTRING "${jinja_crates}" 0 12 jinja_crates)
    set(jinja_crates "${deps}/jinja-crates-${jinja_crates}")
    set(jinja_offline)
    if(EXISTS "${jinja_crates}/.tarn-pin")
      set(jinja_offline --offline --config "source.crates-io.replace-with='tarn'"
                        --config "source.tarn.directory='${jinja_crates}'")
    endif()
    add_custom_command(OUTPUT "${jinja_library}"
      COMMAND cargo build --release --locked --manifest-path "${TARN_JINJA_DIR}/Cargo.toml"
              --target-dir "${jinja_target}" ${jinja_offline}
      COMMAND "${CMAKE_COMMAND}" -E copy "${jinja_target}/release/libtarn_jinja.a" "${jinja_library}"
      DEPENDS ${jinja_sources} "${TARN_JINJA_DIR}/Cargo.toml" "${TARN_JINJA_DIR}/Cargo.lock"
      COMMENT "Jinja bridge (cargo)" VERBATIM)
    add_custom_target(tarn_jinja_build DEPENDS "${jinja_library}")
    add_library(tarn_jinja INTERFACE)
    add_dependencies(tarn_jinja tarn_jinja_build)
    target_link_libraries(tarn_jinja INTERFACE "${jinja_library}" dl m)
    target_include_directories(tarn_jinja INTERFACE "${TARN_JINJA_DIR}")
  endif()
endif()
