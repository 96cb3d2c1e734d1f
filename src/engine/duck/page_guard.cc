#include "engine/duck/page_guard.h"

#include <string_view>

#include <column_reader.hpp>
#include <dlfcn.h>

#include "engine/duck/errors.h"
#include "format/parquet_delta.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kBinaryPacked = "_ZN6duckdb24DeltaBinaryPackedDecoder14InitializePageEv";
constexpr const char* kLengths = "_ZN6duckdb27DeltaLengthByteArrayDecoder14InitializePageEv";
constexpr const char* kPrefixes = "_ZN6duckdb21DeltaByteArrayDecoder14InitializePageEv";
constexpr const char* kByteStreams = "_ZN6duckdb22ByteStreamSplitDecoder14InitializePageEv";
constexpr const char* kPageOfVersion2 =
    "_ZN6duckdb12ColumnReader13PreparePageV2ERN14duckdb_parquet10PageHeaderE";

// The library's own function of this name, which comes after the guard's.
void* LibraryFunction(const char* symbol) {
    void* found = dlsym(RTLD_NEXT, symbol);
    if (found == nullptr)
        ThrowIntoDuck(Error(ErrorKind::kInternal, "libduckdb.so has no {}", symbol));
    return found;
}

// A member function is called as a function of its object. Each object type has one symbol.
template <typename Object, typename... Arguments>
void CallLibrary(const char* symbol, Object* object, Arguments*... arguments) {
    static void* const function = LibraryFunction(symbol);
    reinterpret_cast<void (*)(Object*, Arguments*...)>(function)(object, arguments...);
}

std::string_view Bytes(const duckdb::ByteBuffer& block) {
    return {reinterpret_cast<const char*>(block.ptr), block.len};
}

}  // namespace

void CheckPageGuard() {
    for (const char* symbol : {kBinaryPacked, kLengths, kPrefixes, kByteStreams, kPageOfVersion2}) {
        void* library = dlsym(RTLD_NEXT, symbol);
        if (library == nullptr || dlsym(RTLD_DEFAULT, symbol) == library) {
            throw Error(ErrorKind::kInternal,
                        "damaged Parquet pages are not kept from the engine: {} is the library's",
                        symbol);
        }
    }
}

}  // namespace tarn::engine::duck

// The functions of the library that are guarded, under its own names.
namespace guard = tarn::engine::duck;

void duckdb::DeltaBinaryPackedDecoder::InitializePage() {
    guard::Guarded([&] { tarn::format::CheckDeltaBinaryPacked(guard::Bytes(*reader.block)); });
    guard::CallLibrary(guard::kBinaryPacked, this);
}

void duckdb::DeltaLengthByteArrayDecoder::InitializePage() {
    guard::Guarded([&] {
        tarn::format::CheckDeltaLengthByteArray(guard::Bytes(*reader.block),
                                                reader.page_rows_available);
    });
    guard::CallLibrary(guard::kLengths, this);
}

void duckdb::DeltaByteArrayDecoder::InitializePage() {
    guard::Guarded([&] {
        tarn::format::CheckDeltaByteArray(guard::Bytes(*reader.block), reader.page_rows_available);
    });
    guard::CallLibrary(guard::kPrefixes, this);
}

void duckdb::ByteStreamSplitDecoder::InitializePage() {
    // The decoder takes off the byte that was added to the block when it was made.
    if (reader.block->len == 0)
        guard::ThrowIntoDuck(tarn::Error(tarn::ErrorKind::kCorrupt, "a Parquet page is empty"));
    guard::CallLibrary(guard::kByteStreams, this);
}

void duckdb::ColumnReader::PreparePageV2(duckdb::PageHeader& page) {
    const auto& header = page.data_page_header_v2;
    const bool is_stored = header.__isset.is_compressed && !header.is_compressed;
    // The block has room for the one size, and so many bytes as the other says are read into it.
    if (is_stored && page.compressed_page_size != page.uncompressed_page_size) {
        guard::ThrowIntoDuck(tarn::Error(tarn::ErrorKind::kCorrupt,
                                         "a Parquet page without compression has {} bytes and {}",
                                         page.compressed_page_size, page.uncompressed_page_size));
    }
    guard::CallLibrary(guard::kPageOfVersion2, this, &page);
}
