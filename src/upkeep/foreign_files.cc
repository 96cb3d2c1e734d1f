#include "upkeep/foreign_files.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "format/hive_partition.h"
#include "format/percent.h"
#include "storage/whole_listing.h"

namespace tarn::upkeep {
namespace {

struct Parts {
    bool is_data = true;
    std::vector<std::pair<std::string, std::optional<std::string>>> values;
};

// `below` is the path within the table's folder.
Parts PartsOf(std::string_view below) {
    Parts parts;
    for (size_t slash; (slash = below.find('/')) != std::string_view::npos;
         below.remove_prefix(slash + 1)) {
        const std::string_view name = below.substr(0, slash);
        const size_t equals = name.find('=');
        if (equals == std::string_view::npos) {
            parts.is_data &= !name.starts_with('_') && !name.starts_with('.');
            continue;
        }
        const std::string_view value = name.substr(equals + 1);
        parts.values.emplace_back(format::PercentDecode(name.substr(0, equals)),
                                  value == format::kNullPartition
                                      ? std::nullopt
                                      : std::optional(format::PercentDecode(value)));
    }
    parts.is_data &= !below.starts_with('_') && !below.starts_with('.');
    return parts;
}

std::string ListOf(const std::vector<std::string>& columns) {
    return columns.empty() ? "no column" : Join(columns, ", ");
}

}  // namespace

std::vector<ForeignFile> FindForeignFiles(storage::ObjectStore& store, const std::string& folder,
                                          const std::vector<std::string>& partition_columns) {
    std::vector<ForeignFile> found;
    for (auto& info : storage::ListAll(store, folder, storage::Depth::kBelow)) {
        Parts parts = PartsOf(std::string_view(info.location).substr(folder.size() + 1));
        if (!parts.is_data) continue;
        const bool is_same =
            std::equal(parts.values.begin(), parts.values.end(), partition_columns.begin(),
                       partition_columns.end(), [](const auto& part, const std::string& column) {
                           return EqualsIgnoreCase(part.first, column);
                       });
        if (!is_same) {
            std::vector<std::string> columns;
            for (const auto& part : parts.values) columns.push_back(part.first);
            throw Error(ErrorKind::kInvalidInput,
                        "the folders of {} say {}, and the statement says {}: name the columns of "
                        "the folders with their types, as PARTITIONED BY (day DATE)",
                        info.location, ListOf(columns), ListOf(partition_columns));
        }
        ForeignFile file{std::move(info), {}};
        for (auto& part : parts.values) file.partition_texts.push_back(std::move(part.second));
        found.push_back(std::move(file));
    }
    return found;
}

}  // namespace tarn::upkeep
