#include "engine/duck/file_statistics.h"

#include "duckdb/parser/keyword_helper.hpp"
#include "engine/duck/types.h"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

using NamedValues = duckdb::case_insensitive_map_t<duckdb::Value>;

class Gatherer {
public:
    Gatherer(const duckdb::CopyFunctionFileStatistics& from, table::FileStatistics& to)
        : from_(from), to_(to) {}

    void Visit(const std::vector<std::string>& parents, const table::Field& field) {
        std::vector<std::string> path = parents;
        path.push_back(field.physical_name.empty() ? field.name : field.physical_name);
        if (field.type.kind() == table::TypeKind::kStruct) {
            for (const table::Field& child : field.type.children()) Visit(path, child);
            return;
        }
        if (field.type.IsNested()) return;
        const NamedValues* values = Find(path, field.type);
        if (values != nullptr) to_.columns.push_back(Read(std::move(path), field.type, *values));
    }

private:
    // The writer names a leaf by its path, each part quoted. A variant's metadata is NULL where the
    // variant is.
    const NamedValues* Find(const std::vector<std::string>& path, const table::Type& type) const {
        std::string name;
        for (const std::string& part : path) {
            if (!name.empty()) name += ".";
            name += duckdb::KeywordHelper::WriteQuoted(part, '"');
        }
        if (type.kind() == table::TypeKind::kVariant) name += R"(."metadata")";
        auto found = from_.column_statistics.find(name);
        return found == from_.column_statistics.end() ? nullptr : &found->second;
    }

    static table::Value Bound(const NamedValues& values, const char* name,
                              const table::Type& type) {
        auto found = values.find(name);
        if (found == values.end() || found->second.IsNull()) return {};
        duckdb::Value typed;
        std::string problem;
        if (!found->second.DefaultTryCastAs(ToLogicalType(type), typed, &problem)) return {};
        return FromDuck(typed, type);
    }

    static table::ColumnStatistics Read(std::vector<std::string> path, const table::Type& type,
                                        const NamedValues& values) {
        table::ColumnStatistics column;
        column.path = std::move(path);
        auto nulls = values.find("null_count");
        if (nulls != values.end()) column.null_count = nulls->second.GetValue<uint64_t>();
        auto nan = values.find("has_nan");
        const bool has_nan = nan != values.end() && duckdb::BooleanValue::Get(nan->second);
        // Bytes have no bounds in the logs, and the writer gives theirs as hexadecimal text.
        const bool is_bytes =
            type.kind() == table::TypeKind::kBinary || type.kind() == table::TypeKind::kVariant;
        if (has_nan || is_bytes) return column;
        column.min = Bound(values, "min", type);
        column.max = Bound(values, "max", type);
        return column;
    }

    const duckdb::CopyFunctionFileStatistics& from_;
    table::FileStatistics& to_;
};

}  // namespace

std::shared_ptr<const table::FileStatistics> ToStatistics(
    const table::Schema& written, const duckdb::CopyFunctionFileStatistics& statistics) {
    auto gathered = std::make_shared<table::FileStatistics>();
    gathered->record_count = statistics.row_count;
    Gatherer gatherer(statistics, *gathered);
    for (const table::Field& field : written.fields) gatherer.Visit({}, field);
    return gathered;
}

}  // namespace tarn::engine::duck
