#include "engine/duck/scan_dataset.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "engine/duck/arrow_input.h"
#include "engine/duck/assumed_entry.h"
#include "engine/duck/file_list.h"
#include "engine/duck/scan.h"
#include "engine/duck/system_entry.h"
#include "engine/duck/table_entry.h"

namespace tarn::engine::duck {
namespace {

// So much of a list of files is told of.
constexpr size_t kMostPathBytes = 1024;

struct FileReader {
    std::string_view function;
    const char* format;
};
constexpr std::array<FileReader, 12> kReaders{{{"parquet_scan", "parquet"},
                                               {"read_blob", "binary"},
                                               {"read_csv", "csv"},
                                               {"read_csv_auto", "csv"},
                                               {"read_json", "json"},
                                               {"read_json_auto", "json"},
                                               {"read_json_objects", "json"},
                                               {"read_json_objects_auto", "json"},
                                               {"read_ndjson", "json"},
                                               {"read_ndjson_auto", "json"},
                                               {"read_parquet", "parquet"},
                                               {"read_text", "text"}}};

std::optional<LineageDataset> FilesOf(const duckdb::LogicalGet& get) {
    for (const FileReader& reader : kReaders) {
        if (get.function.name != reader.function || get.parameters.empty()) continue;
        LineageDataset files;
        files.kind = DatasetKind::kFiles;
        files.format = reader.format;
        files.location = std::string(CutText(get.parameters[0].ToString(), kMostPathBytes));
        return files;
    }
    return std::nullopt;
}

LineageDataset TableOf(const DirectoryEntry& row) {
    LineageDataset table;
    table.name = row.name;
    table.id = row.id;
    table.location = row.location;
    table.format = row.format;
    return table;
}

}  // namespace

std::optional<LineageDataset> DatasetOf(const duckdb::LogicalGet& get) {
    const std::string& function = get.function.name;
    if (function == kScanFunction) {
        const auto& bound = get.bind_data->Cast<duckdb::MultiFileBindData>();
        const auto& scan = static_cast<const FileList&>(*bound.file_list).scan();
        LineageDataset table = TableOf(scan.entry().row());
        table.version = scan.entry().snapshot()->AtVersion().number;
        return table;
    }
    if (function == kAssumedScan) return AssumedDataset(*get.bind_data);
    if (function == kArrowScan) {
        const auto name = SystemEntry::NameOf(*get.bind_data);
        if (!name) return std::nullopt;
        LineageDataset table;
        table.kind = DatasetKind::kSystemTable;
        table.name = *name;
        return table;
    }
    return FilesOf(get);
}

bool ReadsVersion(const duckdb::LogicalGet& get) {
    if (get.function.name != kScanFunction) return false;
    const auto& bound = get.bind_data->Cast<duckdb::MultiFileBindData>();
    return static_cast<const FileList&>(*bound.file_list).IsPlanned();
}

std::optional<std::string> TemporaryTable(const duckdb::LogicalGet& get) {
    if (get.function.name == kScanFunction || get.function.name == kArrowScan) return std::nullopt;
    const auto table = get.GetTable();
    if (!table || !table->temporary) return std::nullopt;
    return table->name;
}

std::optional<std::string> NameOfColumn(const duckdb::LogicalGet& get, size_t place) {
    const auto& column = get.GetColumnIds()[place];
    if (column.IsVirtualColumn() || column.GetPrimaryIndex() >= get.names.size())
        return std::nullopt;
    return get.names[column.GetPrimaryIndex()];
}

LineageDataset WrittenDataset(duckdb::TableCatalogEntry& table) {
    if (auto* entry = dynamic_cast<TableEntry*>(&table)) return TableOf(entry->row());
    LineageDataset other;
    other.name = {table.ParentSchema().name, table.name};
    return other;
}

}  // namespace tarn::engine::duck
