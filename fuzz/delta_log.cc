// Lines of a Delta log from anyone, and what is inside them: schemas, statistics, partition values.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "delta/features.h"
#include "delta/stats_json.h"
#include "delta/table_shape.h"
#include "only_refusals.h"

namespace {

// The actions as one table's.
void ReadTable(const std::vector<tarn::delta::Action>& actions) {
    std::optional<tarn::delta::TableShape> shape;
    tarn::delta::Protocol protocol = tarn::delta::PlainProtocol();
    for (const tarn::delta::Action& action : actions) {
        if (const auto* last = std::get_if<tarn::delta::Protocol>(&action)) protocol = *last;
    }
    tarn::delta::CheckReadable(protocol);
    for (const tarn::delta::Action& action : actions) {
        if (const auto* metadata = std::get_if<tarn::delta::Metadata>(&action)) {
            shape = tarn::delta::TableShape::Of("/t", protocol, *metadata);
        }
    }
    for (const tarn::delta::Action& action : actions) {
        const auto* add = std::get_if<tarn::delta::Add>(&action);
        if (add == nullptr || !shape) continue;
        tarn::delta::StatisticsReader reader(shape->indexed);
        (void)reader.Read(add->stats);
        (void)tarn::delta::MakeDataFile(
            *shape, tarn::delta::FileView::Of(*add),
            tarn::delta::PartitionValuesOf(*shape, add->partition_values));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    OnlyRefusals([&] {
        std::vector<tarn::delta::Action> actions;
        tarn::delta::ParseActions(bytes, "fuzz", [&](tarn::delta::Action&& action) {
            (void)tarn::delta::SerializeAction(action);
            actions.push_back(std::move(action));
        });
        ReadTable(actions);
    });
    return 0;
}
