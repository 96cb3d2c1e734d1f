#include "engine/duck/column_match.h"

#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "engine/duck/parquet_field_ids.h"

namespace tarn::engine::duck {

using Node = duckdb::ParquetColumnSchema;

const duckdb_parquet::SchemaElement& ElementOf(const SchemaElements& elements, const Node& column) {
    const auto index =
        column.parent_schema_index.IsValid() ? column.parent_schema_index : column.schema_index;
    return elements.at(index.GetIndex());
}

int32_t ColumnMatch::IdOf(const Node& node) const {
    for (const auto index : {node.parent_schema_index, node.schema_index}) {
        if (!index.IsValid()) continue;
        const auto& element = elements_.at(index.GetIndex());
        if (element.__isset.field_id) return element.field_id;
    }
    return 0;
}

std::vector<int> ColumnMatch::FindIds(const std::vector<Node>& nodes,
                                      const std::vector<const table::Field*>& fields,
                                      const std::string& path) const {
    std::unordered_map<int32_t, int> places;
    // Columns that are not the table's have names only: _change_type.
    std::unordered_map<std::string, int> without_id;
    for (size_t i = 0; i < nodes.size(); i++) {
        const int32_t id = IdOf(nodes[i]);
        if (id == 0) {
            without_id.emplace(ElementOf(elements_, nodes[i]).name, static_cast<int>(i));
            continue;
        }
        if (!places.emplace(id, static_cast<int>(i)).second) {
            throw Error(ErrorKind::kCorrupt, "{}: two columns{} have the id {}", location_, path,
                        id);
        }
    }
    std::vector<int> matches;
    for (const table::Field* field : fields) {
        if (field->field_id == 0) {
            const auto named = without_id.find(FileNameOf(*field));
            matches.push_back(named == without_id.end() ? -1 : named->second);
            continue;
        }
        const auto found = places.find(field->field_id);
        matches.push_back(found == places.end() ? -1 : found->second);
    }
    return matches;
}

// An exact name wins over one that is equal but for case, as other writers spell it.
std::vector<int> ColumnMatch::Find(const std::vector<Node>& nodes,
                                   const std::vector<const table::Field*>& fields,
                                   const std::string& path) const {
    if (by_id_) return FindIds(nodes, fields, path);
    constexpr int kTwice = -2;
    std::unordered_map<std::string, int> exact;
    std::unordered_map<std::string, int> folded;
    for (size_t i = 0; i < nodes.size(); i++) {
        const std::string& name = ElementOf(elements_, nodes[i]).name;
        for (auto [map, key] : {std::pair{&exact, name}, std::pair{&folded, AsciiLower(name)}}) {
            const auto [place, is_new] = map->emplace(std::move(key), static_cast<int>(i));
            if (!is_new) place->second = kTwice;
        }
    }
    std::vector<int> matches;
    for (const table::Field* field : fields) {
        const std::string& name = FileNameOf(*field);
        auto found = exact.find(name);
        if (found == exact.end()) found = folded.find(AsciiLower(name));
        const int place = found == exact.end() || found == folded.end() ? -1 : found->second;
        if (place == kTwice) {
            throw Error(ErrorKind::kCorrupt, "{}: the column {}{} stands in the file twice",
                        location_, name, path);
        }
        matches.push_back(place);
    }
    return matches;
}

}  // namespace tarn::engine::duck
