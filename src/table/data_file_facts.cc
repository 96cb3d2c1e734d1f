#include "table/data_file_facts.h"

#include <algorithm>

namespace tarn::table {
namespace {

// The physical names along a logical path; empty for a column that the schema lacks.
std::vector<std::string> PhysicalPath(const Schema& schema, const std::vector<std::string>& path) {
    std::vector<std::string> physical;
    Schema level = schema;
    for (size_t i = 0; i < path.size(); i++) {
        const int at = level.Find(path[i]);
        if (at < 0) return {};
        const Field& field = level.fields[static_cast<size_t>(at)];
        physical.push_back(field.physical_name.empty() ? field.name : field.physical_name);
        if (i + 1 == path.size()) break;
        if (field.type.kind() != TypeKind::kStruct) return {};
        level = Schema{field.type.children()};
    }
    return physical;
}

}  // namespace

int PartitionIndexOf(const TableMetadata& metadata, const std::string& column) {
    const auto& names = metadata.partition_columns;
    const auto found = std::find(names.begin(), names.end(), column);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

const ColumnStatistics* FindStatistics(const DataFile& file, const std::vector<std::string>& path) {
    if (!file.statistics) return nullptr;
    const auto& columns = file.statistics->columns;
    const auto found =
        std::find_if(columns.begin(), columns.end(),
                     [&](const ColumnStatistics& column) { return column.path == path; });
    return found == columns.end() ? nullptr : &*found;
}

ColumnFacts DataFileFacts::Of(const std::vector<std::string>& column) const {
    ColumnFacts facts;
    const int partition = column.size() == 1 ? PartitionIndexOf(metadata_, column[0]) : -1;
    if (partition >= 0) {
        facts.min = file_.partition_values.at(static_cast<size_t>(partition));
        facts.is_constant = true;
        return facts;
    }
    if (!file_.statistics) return facts;
    facts.record_count = file_.statistics->record_count;
    const std::vector<std::string> path = PhysicalPath(metadata_.schema, column);
    const ColumnStatistics* known = path.empty() ? nullptr : FindStatistics(file_, path);
    if (known == nullptr) return facts;
    facts.min = known->min;
    facts.max = known->max;
    // A NULL struct counts below it or not, by writer: zero is not to be trusted there.
    if (column.size() == 1) facts.null_count = known->null_count;
    return facts;
}

}  // namespace tarn::table
