#include "engine/lineage.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace tarn::engine {

namespace {

constexpr std::array<std::string_view, 9> kEffects{"IDENTITY", "TRANSFORMATION", "AGGREGATION",
                                                   "FILTER",   "JOIN",           "GROUP_BY",
                                                   "SORT",     "WINDOW",         "CONDITIONAL"};

std::string KeyOf(const TableName& name) { return AsciiLower(name.ToString()); }

}  // namespace

bool IsDirect(LineageEffect effect) { return effect <= LineageEffect::kAggregation; }

std::string_view NameOf(LineageEffect effect) { return kEffects.at(static_cast<size_t>(effect)); }

std::optional<LineageEffect> LineageEffectNamed(std::string_view name) {
    for (size_t i = 0; i < kEffects.size(); i++) {
        if (kEffects.at(i) == name) return static_cast<LineageEffect>(i);
    }
    return std::nullopt;
}

std::string_view NameOf(DatasetKind kind) {
    switch (kind) {
        case DatasetKind::kTable:
            return "table";
        case DatasetKind::kView:
            return "view";
        case DatasetKind::kSystemTable:
            return "system table";
        case DatasetKind::kFiles:
            break;
    }
    return "files";
}

void AssumedTables::Add(Table table) {
    schemas_.insert(AsciiLower(table.name.schema));
    std::string key = KeyOf(table.name);
    tables_.insert_or_assign(std::move(key), std::move(table));
}

const AssumedTables::Table* AssumedTables::Find(const TableName& name) const {
    const auto found = tables_.find(KeyOf(name));
    return found == tables_.end() ? nullptr : &found->second;
}

bool AssumedTables::HasSchema(const std::string& schema) const {
    return schemas_.contains(AsciiLower(schema));
}

}  // namespace tarn::engine
