#include "engine/duck/table_lines.h"

#include "base/check.h"
#include "base/text.h"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/column_comment.h"
#include "engine/duck/spark_calls.h"
#include "engine/duck/table_texts.h"
#include "engine/duck/text_limits.h"
#include "engine/duck/view_definition.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

FixedRow Line(const std::string& name, const std::string& value) {
    return {Value(name), Value(value), Value(std::string())};
}

std::string TypeText(const table::Field& field, sql::Dialect dialect) {
    const table::Type type = LimitedType(field);
    return dialect == sql::Dialect::kSpark ? SparkTypeText(type) : SqlName(type, dialect);
}

FixedRow ColumnLine(const table::Field& field, sql::Dialect dialect) {
    const auto comment = CommentOf(field);
    return {Value(field.name), Value(TypeText(field, dialect)),
            comment ? Value(*comment) : Value(LogicalType::VARCHAR)};
}

// InvalidInput for a path to nothing.
const table::Field& FieldAt(const table::Schema& schema, const std::vector<std::string>& path) {
    const std::vector<table::Field>* fields = &schema.fields;
    const table::Field* found = nullptr;
    for (const std::string& part : path) {
        const int at = table::FindField(*fields, part);
        if (at < 0) throw table::NoColumn(Join(path, "."), part, *fields);
        found = &(*fields)[static_cast<size_t>(at)];
        fields = &found->type.children();
    }
    Check(found != nullptr, "a column was asked for without its name");
    return *found;
}

// Of the columns of a view of the lake, by their places.
std::map<size_t, std::string> CommentsOf(duckdb::CatalogEntry& entry) {
    const bool is_view = entry.type == duckdb::CatalogType::VIEW_ENTRY &&
                         entry.ParentCatalog().GetCatalogType() == LakeCatalog::kType;
    if (!is_view) return {};
    auto& lake = static_cast<LakeCatalog&>(entry.ParentCatalog());
    const auto view = lake.core().parts.directory.Find({entry.ParentSchema().name, entry.name});
    return view ? ColumnComments(*view) : std::map<size_t, std::string>();
}

std::string QualifiedNameOf(const TableEntry& table, sql::Dialect dialect) {
    const TableName& name = table.row().name;
    return table.ParentCatalog().GetName() + "." + ShownSchema(name.schema, dialect) + "." +
           name.name;
}

// Title and value of what describes the table as a whole.
std::vector<std::pair<std::string, std::string>> Details(const TableEntry& table) {
    std::vector<std::pair<std::string, std::string>> details;
    details.emplace_back("Type", table.row().managed ? "MANAGED" : "EXTERNAL");
    const std::string& comment = table.metadata().description;
    if (!comment.empty()) details.emplace_back("Comment", comment);
    details.emplace_back("Location", table.row().location);
    details.emplace_back("Provider", table.row().format);
    const auto owner = table.row().properties.find("owner");
    if (owner != table.row().properties.end()) details.emplace_back("Owner", owner->second);
    std::vector<std::string> properties;
    for (const auto& [key, value] : PropertiesOf(table)) properties.push_back(key + "=" + value);
    details.emplace_back("Table Properties", "[" + Join(properties, ",") + "]");
    return details;
}

// What each column has where a writer gives no value.
void AddDefaults(const TableEntry& table, sql::Dialect dialect, std::vector<FixedRow>& lines) {
    bool has_title = false;
    for (const table::Field& field : table.metadata().schema.fields) {
        if (!field.rules.default_value) continue;
        if (!has_title) {
            lines.push_back(Line("", ""));
            lines.push_back(Line("# Column Default Values", ""));
            has_title = true;
        }
        lines.push_back({Value(field.name), Value(TypeText(field, dialect)),
                         Value(*field.rules.default_value)});
    }
}

// " |-- id: integer (nullable = true)", a line each, deeper for what is within.
void AddTree(std::string& text, const std::vector<table::Field>& fields,
             const std::string& indent) {
    for (const table::Field& field : fields) {
        text += indent + " |-- " + field.name + ": " + TypeText(field, sql::Dialect::kSpark) +
                (field.nullable ? " (nullable = true)\n" : " (nullable = false)\n");
        if (field.type.kind() == table::TypeKind::kStruct)
            AddTree(text, field.type.children(), indent + " |   ");
    }
}

}  // namespace

std::map<std::string, std::string> PropertiesOf(const TableEntry& table) {
    const table::TableMetadata& metadata = table.metadata();
    std::map<std::string, std::string> properties = metadata.properties;
    const std::string format = table.row().format;
    for (const table::RowCheck& check : metadata.checks)
        properties[format + ".constraints." + check.name] = check.expression;
    for (const auto& [key, value] : table.snapshot()->Protocol()) {
        if (key.starts_with("min")) properties[format + "." + key] = value;
        if (key != "writerFeatures" || value.empty()) continue;
        for (const std::string& feature : Split(value, ','))
            properties.try_emplace(format + ".feature." + feature, "supported");
    }
    for (const auto& [key, value] : table.row().properties) {
        if (!key.starts_with("tarn.")) properties.try_emplace(key, value);
    }
    return properties;
}

std::vector<FixedRow> ColumnLines(const TableEntry& table, sql::Dialect dialect) {
    const table::TableMetadata& metadata = table.metadata();
    std::vector<FixedRow> lines;
    for (const table::Field& field : metadata.schema.fields)
        lines.push_back(ColumnLine(field, dialect));
    const auto add_list = [&](const char* title, const std::vector<std::string>& names) {
        if (names.empty()) return;
        lines.push_back(Line(title, ""));
        lines.push_back({Value("# col_name"), Value("data_type"), Value("comment")});
        for (const std::string& name : names) {
            FixedRow line = ColumnLine(
                FieldAt(metadata.schema, table::PathNamed(metadata.schema, name)), dialect);
            line[0] = Value(name);
            lines.push_back(std::move(line));
        }
    };
    add_list("# Partition Information", metadata.partition_columns);
    add_list("# Clustering Information", metadata.clustering_columns);
    return lines;
}

std::vector<FixedRow> ColumnLines(const duckdb::vector<std::string>& names,
                                  const duckdb::vector<duckdb::LogicalType>& types,
                                  sql::Dialect dialect) {
    std::vector<FixedRow> lines;
    for (size_t i = 0; i < names.size(); i++) {
        const bool is_spark = dialect == sql::Dialect::kSpark;
        lines.push_back({Value(names[i]),
                         Value(is_spark ? SparkTypeName(types[i]) : types[i].ToString()),
                         Value(LogicalType::VARCHAR)});
    }
    return lines;
}

std::vector<FixedRow> ColumnLines(duckdb::ClientContext& client, duckdb::CatalogEntry& entry,
                                  sql::Dialect dialect) {
    if (entry.ParentCatalog().GetCatalogType() == LakeCatalog::kType) {
        static_cast<LakeCatalog&>(entry.ParentCatalog())
            .core()
            .parts.policy.Authorize(ClientState::Of(client).principal, Action::kRead,
                                    {entry.ParentSchema().name, entry.name});
    }
    if (const auto* table = dynamic_cast<const TableEntry*>(&entry))
        return ColumnLines(*table, dialect);
    duckdb::vector<std::string> names;
    duckdb::vector<LogicalType> types;
    if (entry.type == duckdb::CatalogType::VIEW_ENTRY) {
        auto& view = entry.Cast<duckdb::ViewCatalogEntry>();
        view.BindView(client);
        const auto columns = view.GetColumnInfo();
        names = columns->names;
        types = columns->types;
    } else {
        for (const auto& column : entry.Cast<duckdb::TableCatalogEntry>().GetColumns().Logical()) {
            names.push_back(column.Name());
            types.push_back(column.Type());
        }
    }
    std::vector<FixedRow> lines = ColumnLines(names, types, dialect);
    for (const auto& [place, comment] : CommentsOf(entry))
        if (place < lines.size()) lines[place][2] = Value(comment);
    return lines;
}

std::vector<FixedRow> DetailLines(const TableEntry& table, sql::Dialect dialect) {
    std::vector<FixedRow> lines;
    lines.push_back(Line("", ""));
    lines.push_back(Line("# Detailed Table Information", ""));
    lines.push_back(Line("Name", QualifiedNameOf(table, dialect)));
    for (const auto& [title, value] : Details(table)) lines.push_back(Line(title, value));
    AddDefaults(table, dialect, lines);
    return lines;
}

std::vector<FixedRow> LinesOfColumn(const TableEntry& table, const std::vector<std::string>& path,
                                    sql::Dialect dialect) {
    const table::Field& field = FieldAt(table.metadata().schema, path);
    const auto comment = CommentOf(field);
    return {{Value("col_name"), Value(Join(path, "."))},
            {Value("data_type"), Value(TypeText(field, dialect))},
            {Value("comment"), Value(comment.value_or("NULL"))}};
}

std::string ExtendedText(const TableEntry& table, sql::Dialect dialect) {
    const TableName& name = table.row().name;
    std::string text = "Catalog: " + table.ParentCatalog().GetName() +
                       "\nDatabase: " + ShownSchema(name.schema, dialect) +
                       "\nTable: " + name.name + "\n";
    for (const auto& [title, value] : Details(table)) text += title + ": " + value + "\n";
    const auto& partitions = table.metadata().partition_columns;
    if (!partitions.empty()) text += "Partition Columns: [" + Join(partitions, ", ") + "]\n";
    text += "Schema: root\n";
    AddTree(text, table.metadata().schema.fields, "");
    return text;
}

}  // namespace tarn::engine::duck
