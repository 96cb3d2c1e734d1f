// Deletion vectors: only Corrupt or Unsupported may leave the parsers, and a set that was read is
// written and read again as the same set.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "format/deletion_vector.h"
#include "format/z85.h"
#include "only_refusals.h"

namespace {

void ReadAndWrite(std::string_view bytes) {
    const tarn::format::RoaringBitmap64 rows = tarn::format::ParseDeletionVector(bytes);
    const std::string written = tarn::format::SerializeDeletionVector(rows);
    const auto again = tarn::format::ParseDeletionVector(written);
    if (again.Cardinality() != rows.Cardinality()) std::abort();
    if (tarn::format::SerializeDeletionVector(again) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    OnlyRefusals([&] { ReadAndWrite(text); });
    OnlyRefusals([&] { (void)tarn::format::ParseDeletionVectorBlock(text, size - 8); });
    OnlyRefusals([&] { ReadAndWrite(tarn::format::DecodeZ85(text)); });
    OnlyRefusals([&] { (void)tarn::format::DecodeVectorUuid(text); });
    return 0;
}
