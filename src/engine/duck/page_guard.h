// What stands before the decoders of DuckDB's Parquet reader: in 1.5.6 some of them write beyond
// their buffers where a page is damaged (docs/decisions/pages-are-checked-before-duckdb.md). The
// guard's own definitions of those functions come before the library's in the dynamic linker's
// order; each checks the page and then calls the library's.
#pragma once

namespace tarn::engine::duck {

// Internal where the library's calls do not come to the guard: to be asked once before any page is
// read.
void CheckPageGuard();

}  // namespace tarn::engine::duck
