// Lines of a Delta log from anyone, and what is inside them: schemas, statistics, partition values.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "delta/actions.h"
#include "delta/schema_json.h"
#include "delta/stats_json.h"
#include "delta/table_shape.h"

namespace {

void ReadInside(const tarn::delta::Action& action) {
    if (const auto* metadata = std::get_if<tarn::delta::Metadata>(&action)) {
        (void)tarn::delta::TableShape::Of("/t", {}, *metadata);
    } else if (const auto* add = std::get_if<tarn::delta::Add>(&action)) {
        tarn::delta::LeafColumn number;
        number.path = {"a"};
        number.type = tarn::table::Type(tarn::table::TypeKind::kTimestamp);
        tarn::delta::StatisticsReader reader({number});
        (void)reader.Read(add->stats);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        tarn::delta::ParseActions(bytes, "fuzz", [](tarn::delta::Action&& action) {
            ReadInside(action);
            (void)tarn::delta::SerializeAction(action);
        });
    } catch (const tarn::Error& error) {
        const bool is_expected = error.kind() == tarn::ErrorKind::kCorrupt ||
                                 error.kind() == tarn::ErrorKind::kUnsupported;
        if (!is_expected) std::abort();
    }
    return 0;
}
