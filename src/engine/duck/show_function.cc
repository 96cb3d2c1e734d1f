#include "engine/duck/show_function.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/client_data.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/dialect_setting.h"
#include "engine/duck/errors.h"
#include "engine/duck/fixed_rows.h"
#include "engine/duck/named_table.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/table_json.h"
#include "engine/duck/table_lines.h"
#include "engine/duck/table_texts.h"
#include "engine/duck/types.h"
#include "engine/duck/values.h"
#include "engine/duck/view_definition.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using What = sql::Show::What;

// Spark's patterns: * stands for any text, | between patterns; case does not count.
bool MatchesOne(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() != '*') {
        return !text.empty() && text.front() == pattern.front() &&
               MatchesOne(text.substr(1), pattern.substr(1));
    }
    for (size_t skipped = 0; skipped <= text.size(); skipped++) {
        if (MatchesOne(text.substr(skipped), pattern.substr(1))) return true;
    }
    return false;
}

bool Matches(const std::string& text, const std::optional<std::string>& pattern) {
    if (!pattern) return true;
    const auto patterns = Split(AsciiLower(*pattern), '|');
    const std::string folded = AsciiLower(text);
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& one) { return MatchesOne(folded, one); });
}

constexpr duckdb::CatalogType kFunctionTypes[] = {
    duckdb::CatalogType::SCALAR_FUNCTION_ENTRY, duckdb::CatalogType::AGGREGATE_FUNCTION_ENTRY,
    duckdb::CatalogType::MACRO_ENTRY, duckdb::CatalogType::TABLE_FUNCTION_ENTRY,
    duckdb::CatalogType::TABLE_MACRO_ENTRY};

bool IsTableFunction(duckdb::CatalogType type) {
    return type == duckdb::CatalogType::TABLE_FUNCTION_ENTRY ||
           type == duckdb::CatalogType::TABLE_MACRO_ENTRY;
}

class Shower {
public:
    Shower(duckdb::ClientContext& client, const sql::Show& show)
        : client_(client), dialect_(DialectOf(client)), show_(show) {}

    // Columns first, then the rows.
    std::vector<OutputColumn> Columns() {
        switch (show_.what) {
            case What::kCatalogs:
                return Texts({"catalog"});
            case What::kSchemas:
                return Texts({"databaseName"});
            case What::kTables:
                return Entries("tableName");
            case What::kViews:
                return Entries("viewName");
            case What::kFunctions:
                return Texts({"function"});
            case What::kColumns:
                return Texts({"col_name"});
            case What::kProperties:
                return Texts({"key", "value"});
            case What::kCreateTable:
                return Texts({"createtab_stmt"});
            case What::kTableDetails:
                return Texts({"col_name", "data_type", "comment"});
            case What::kTableJson:
                return Texts({"json_metadata"});
            case What::kSchemaDetails:
                return Texts({"info_name", "info_value"});
            case What::kPartitions:
                return PartitionColumns();
            case What::kColumnDetails:
            case What::kCatalogDetails:
                return Texts({"info_name", "info_value"});
            case What::kFunctionDetails:
                return Texts({"function_desc"});
            case What::kTablesExtended: {
                auto columns = Entries("tableName");
                columns.push_back({"information", LogicalType::VARCHAR});
                return columns;
            }
        }
        return {};
    }

    std::vector<FixedRow> Rows() {
        switch (show_.what) {
            case What::kCatalogs:
                AddNamed(Lake().GetName());
                break;
            case What::kSchemas:
                AddSchemas();
                break;
            case What::kTables:
            case What::kViews:
                AddEntries();
                break;
            case What::kFunctions:
                AddFunctions();
                break;
            case What::kColumns:
                for (const std::string& column : ColumnNames()) Add({column});
                break;
            case What::kProperties:
                AddProperties();
                break;
            case What::kCreateTable:
                AddCreateText();
                break;
            case What::kTableDetails:
                AddTableDetails();
                break;
            case What::kTableJson:
                AddJson();
                break;
            case What::kSchemaDetails:
                AddSchemaDetails();
                break;
            case What::kPartitions:
                AddPartitions();
                break;
            case What::kColumnDetails:
                AddColumnDetails();
                break;
            case What::kCatalogDetails:
                Add({"Catalog Name", Lake().GetName()});
                break;
            case What::kFunctionDetails:
                AddFunctionDetails();
                break;
            case What::kTablesExtended:
                AddTablesExtended();
                break;
        }
        return std::move(rows_);
    }

private:
    static std::vector<OutputColumn> Texts(std::initializer_list<const char*> names) {
        std::vector<OutputColumn> columns;
        for (const char* name : names) columns.push_back({name, LogicalType::VARCHAR});
        return columns;
    }
    static std::vector<OutputColumn> Entries(const char* name) {
        auto columns = Texts({"namespace", name});
        columns.push_back({"isTemporary", LogicalType::BOOLEAN});
        return columns;
    }

    void Add(std::initializer_list<std::string> texts) {
        FixedRow row;
        for (const std::string& text : texts) row.emplace_back(text);
        rows_.push_back(std::move(row));
    }
    void AddNamed(const std::string& name) {
        if (Matches(name, show_.pattern)) Add({name});
    }

    void AddSchemas() {
        std::set<std::string> names;
        for (const auto& schema : Directory().Schemas())
            names.insert(ShownSchema(schema.name, dialect_));
        for (const std::string& name : names) AddNamed(name);
    }

    LakeCatalog& Lake() {
        const auto& path = *duckdb::ClientData::Get(client_).catalog_search_path;
        const std::string named =
            show_.name.parts.size() > 1 && !NamesTable() ? show_.name.parts[0] : std::string();
        auto& catalog =
            duckdb::Catalog::GetCatalog(client_, named.empty() ? path.GetDefault().catalog : named);
        if (catalog.GetCatalogType() != LakeCatalog::kType) {
            throw Error(ErrorKind::kUnsupported,
                        "{} is no lake: ask it by the views of information_schema",
                        catalog.GetName());
        }
        return static_cast<LakeCatalog&>(catalog);
    }
    TableDirectory& Directory() { return Lake().core().parts.directory; }

    bool NamesTable() const {
        return show_.what == What::kColumns || show_.what == What::kPartitions ||
               show_.what == What::kProperties || show_.what == What::kCreateTable ||
               show_.what == What::kTableDetails || show_.what == What::kColumnDetails ||
               show_.what == What::kTableJson;
    }

    engine::SchemaEntry Schema() {
        const auto& path = *duckdb::ClientData::Get(client_).catalog_search_path;
        const std::string name =
            show_.name.parts.empty() ? path.GetDefault().schema : show_.name.parts.back();
        auto found = Directory().FindSchema(EqualsIgnoreCase(name, "default") ? "main" : name);
        if (!found) throw Error(ErrorKind::kNotFound, "there is no schema {}", name);
        return *std::move(found);
    }

    std::shared_ptr<TableEntry> Table() {
        if (!table_) {
            table_ = FindTable(client_, show_.name.ToSql());
            table_->core().parts.policy.Authorize(ClientState::Of(client_).principal, Action::kRead,
                                                  table_->row().name);
        }
        return table_;
    }

    // Whatever stands under the name: a table of the lake or another, or a view.
    duckdb::CatalogEntry& Relation() {
        auto entry = FindEntry(client_, NamedTable::Of(client_, show_.name));
        if (!entry || (entry->type != duckdb::CatalogType::VIEW_ENTRY &&
                       entry->type != duckdb::CatalogType::TABLE_ENTRY))
            return *Table();  // which says what is missing
        if (dynamic_cast<const TableEntry*>(entry.get()) != nullptr) return *Table();
        return *entry;
    }

    // The row of a view of the lake; nothing for a temporary one and for a table.
    std::optional<DirectoryEntry> ViewRow(duckdb::CatalogEntry& entry) {
        const bool is_view = entry.type == duckdb::CatalogType::VIEW_ENTRY &&
                             entry.ParentCatalog().GetCatalogType() == LakeCatalog::kType;
        if (!is_view) return std::nullopt;
        auto& lake = static_cast<LakeCatalog&>(entry.ParentCatalog());
        return lake.core().parts.directory.Find({entry.ParentSchema().name, entry.name});
    }

    // Of what is not the lake's, as the engine spells it.
    void AddCreateText() {
        duckdb::CatalogEntry& entry = Relation();
        if (const auto* table = dynamic_cast<const TableEntry*>(&entry)) {
            Add({CreateText(*table, dialect_)});
        } else if (const auto view = ViewRow(entry)) {
            Add({CreateViewText(*view, dialect_)});
        } else {
            Add({entry.ToSQL()});
        }
    }

    void AddJson() {
        duckdb::CatalogEntry& entry = Relation();
        if (const auto* table = dynamic_cast<const TableEntry*>(&entry)) {
            Add({TableJson(*table, dialect_)});
            return;
        }
        const auto view = ViewRow(entry);
        if (!view) {
            throw Error(ErrorKind::kUnsupported,
                        "{} is not of the lake: DESCRIBE ... AS JSON is for its tables and views",
                        show_.name.ToSql());
        }
        auto& bound = entry.Cast<duckdb::ViewCatalogEntry>();
        bound.BindView(client_);
        const auto columns = bound.GetColumnInfo();
        Add({ViewJson(entry.ParentCatalog().GetName(), *view, columns->names, columns->types,
                      dialect_)});
    }

    std::vector<std::string> ColumnNames() {
        std::vector<std::string> names;
        duckdb::CatalogEntry& entry = Relation();
        if (dynamic_cast<const TableEntry*>(&entry) != nullptr) {
            for (const table::Field& field : Table()->metadata().schema.fields)
                names.push_back(field.name);
            return names;
        }
        for (const FixedRow& line : ColumnLines(client_, entry, dialect_))
            names.push_back(line[0].ToString());
        return names;
    }

    void AddEntry(const std::string& schema, const std::string& name, bool is_temporary) {
        if (!Matches(name, show_.pattern)) return;
        rows_.push_back({Value(schema), Value(name), Value::BOOLEAN(is_temporary)});
    }

    // Views count as tables, as in Spark.
    void AddEntries() {
        const std::string schema = Schema().name;
        for (const DirectoryEntry& row : Directory().List(schema)) {
            const bool is_view = row.kind == EntryKind::kView;
            if (is_view || show_.what == What::kTables)
                AddEntry(ShownSchema(schema, dialect_), row.name.name, false);
        }
        auto& temporary = duckdb::Catalog::GetCatalog(client_, TEMP_CATALOG);
        temporary.ScanSchemas(client_, [&](duckdb::SchemaCatalogEntry& in_schema) {
            in_schema.Scan(client_, duckdb::CatalogType::TABLE_ENTRY,
                           [&](duckdb::CatalogEntry& entry) {
                               const bool is_view = entry.type == duckdb::CatalogType::VIEW_ENTRY;
                               if (entry.internal || (!is_view && show_.what == What::kViews))
                                   return;
                               AddEntry("", entry.name, true);
                           });
        });
    }

    void AddFunctions() {
        std::set<std::string> names;
        const auto note = [&](duckdb::CatalogEntry& entry) {
            if (Matches(entry.name, show_.pattern)) names.insert(entry.name);
        };
        for (const auto type : kFunctionTypes) {
            auto& system = duckdb::Catalog::GetSystemCatalog(client_);
            if (!show_.is_of_user) {
                system.ScanSchemas(client_, [&](duckdb::SchemaCatalogEntry& in_schema) {
                    in_schema.Scan(client_, type, note);
                });
            }
            Lake().ScanSchemas(client_, [&](duckdb::SchemaCatalogEntry& in_schema) {
                in_schema.Scan(client_, type, note);
            });
        }
        for (const std::string& name : names) Add({name});
    }

    void AddProperties() {
        duckdb::CatalogEntry& entry = Relation();
        const auto view = ViewRow(entry);
        const auto properties = view ? PropertiesOf(*view) : PropertiesOf(*Table());
        if (!show_.key) {
            for (const auto& [key, value] : properties) Add({key, value});
            return;
        }
        const auto found = properties.find(*show_.key);
        Add({*show_.key,
             found != properties.end()
                 ? found->second
                 : fmt::format("{} {} does not have property: {}", view ? "View" : "Table",
                               (view ? view->name : Table()->row().name).ToString(), *show_.key)});
    }

    void AddTableDetails() {
        duckdb::CatalogEntry& entry = Relation();
        rows_ = ColumnLines(client_, entry, dialect_);
        if (!show_.partition.empty()) return AddPartitionDetails();
        if (const auto* table = dynamic_cast<const TableEntry*>(&entry)) {
            for (FixedRow& line : DetailLines(*table, dialect_)) rows_.push_back(std::move(line));
            return;
        }
        Add({"", "", ""});
        Add({"# Detailed Table Information", "", ""});
        Add({"Name", entry.name, ""});
        Add({"Type", entry.type == duckdb::CatalogType::VIEW_ENTRY ? "VIEW" : "TEMPORARY", ""});
        const auto view = ViewRow(entry);
        if (!view) return;
        if (!view->comment.empty()) Add({"Comment", view->comment, ""});
        Add({"View Text", QueryText(*view), ""});
        const auto properties = PropertiesOf(*view);
        if (properties.empty()) return;
        std::vector<std::string> pairs;
        for (const auto& [key, value] : properties) pairs.push_back(key + "=" + value);
        Add({"Table Properties", "[" + Join(pairs, ",") + "]", ""});
    }

    // The table's own name may stand before the column's.
    void AddColumnDetails() {
        const table::Schema& schema = Table()->metadata().schema;
        const TableName& name = Table()->row().name;
        const std::vector<std::string> names = {Lake().GetName(),
                                                ShownSchema(name.schema, dialect_), name.name};
        std::vector<std::string> path = show_.column;
        for (const std::string& part : names) {
            const bool is_name = path.size() > 1 && schema.Find(path.front()) < 0 &&
                                 EqualsIgnoreCase(path.front(), part);
            if (is_name) path.erase(path.begin());
        }
        rows_ = LinesOfColumn(*Table(), path, dialect_);
    }

    // Text and text, a line each.
    void AddFunctionDetails() {
        const std::string& name = show_.name.parts.back();
        for (const auto type : kFunctionTypes) {
            if (const auto entry = FindFunction(type, name)) {
                Add({"Function: " + entry->name});
                Add({std::string("Type: ") + (IsTableFunction(type) ? "TABLE" : "SCALAR")});
                return;
            }
        }
        throw Error(ErrorKind::kInvalidInput, "there is no function {}", name);
    }

    duckdb::optional_ptr<duckdb::CatalogEntry> FindFunction(duckdb::CatalogType type,
                                                            const std::string& name) {
        return duckdb::Catalog::GetEntry(client_, INVALID_CATALOG, INVALID_SCHEMA,
                                         duckdb::EntryLookupInfo(type, name),
                                         duckdb::OnEntryNotFound::RETURN_NULL);
    }

    void AddTablesExtended() {
        const std::string schema = Schema().name;
        for (const DirectoryEntry& row : Directory().List(schema)) {
            if (row.kind != EntryKind::kTable || !Matches(row.name.name, show_.pattern)) continue;
            table_ = FindTable(client_, row.name);
            std::string text;
            if (show_.partition.empty()) {
                text = ExtendedText(*table_, dialect_);
            } else {
                for (const auto& [title, value] : PartitionFacts())
                    text += title + ": " + value + "\n";
            }
            rows_.push_back({Value(ShownSchema(schema, dialect_)), Value(row.name.name),
                             Value::BOOLEAN(false), Value(text)});
        }
    }

    void AddSchemaDetails() {
        const engine::SchemaEntry schema = Schema();
        Add({"Catalog Name", Lake().GetName()});
        Add({"Namespace Name", ShownSchema(schema.name, dialect_)});
        Add({"Comment", schema.comment});
        if (!show_.is_extended) return;
        std::vector<std::string> pairs;
        for (const auto& [key, value] : schema.properties)
            pairs.push_back("(" + key + "," + value + ")");
        Add({"Properties", pairs.empty() ? "" : "(" + Join(pairs, ", ") + ")"});
    }

    void AddPartitionDetails() {
        const auto facts = PartitionFacts();
        if (!show_.is_extended) return;
        Add({"", "", ""});
        Add({"# Detailed Partition Information", "", ""});
        Add({"Database", ShownSchema(Table()->row().name.schema, dialect_), ""});
        Add({"Table", Table()->row().name.name, ""});
        for (const auto& [title, value] : facts) Add({title, value, ""});
    }

    // What the files of the partition that is asked for hold.
    std::vector<std::pair<std::string, std::string>> PartitionFacts() {
        PartitionColumns();  // which says when there are none
        uint64_t files = 0;
        uint64_t bytes = 0;
        std::optional<uint64_t> rows = 0;
        for (const table::DataFile& file : Table()->snapshot()->Plan({}).files) {
            if (!IsAsked(PartitionOf(file))) continue;
            files++;
            bytes += file.size_bytes;
            const auto live = file.LiveRows();
            rows = rows && live ? std::optional<uint64_t>(*rows + *live) : std::nullopt;
        }
        std::vector<std::string> values;
        for (const auto& [name, value] : show_.partition) values.push_back(name + "=" + value);
        const std::string shown = "[" + Join(values, ", ") + "]";
        const TableName& name = Table()->row().name;
        if (files == 0) {
            throw Error(ErrorKind::kNotFound,
                        "{} has no partition {}; SHOW PARTITIONS lists those that there are",
                        name.ToString(), shown);
        }
        return {{"Partition Values", shown},
                {"Partition Statistics", fmt::format("{} bytes, {} files{}", bytes, files,
                                                     rows ? fmt::format(", {} rows", *rows) : "")}};
    }

    std::vector<OutputColumn> PartitionColumns() {
        std::vector<OutputColumn> columns;
        const table::TableMetadata& metadata = Table()->metadata();
        for (const std::string& name : metadata.partition_columns) {
            const auto at = static_cast<size_t>(metadata.schema.Find(name));
            columns.push_back({name, ToLogicalType(metadata.schema.fields[at].type)});
        }
        if (columns.empty()) {
            throw Error(ErrorKind::kInvalidInput, "{} is not partitioned",
                        Table()->row().name.ToString());
        }
        return columns;
    }

    void AddPartitions() {
        std::map<std::vector<std::string>, FixedRow> partitions;
        for (const table::DataFile& file : Table()->snapshot()->Plan({}).files) {
            std::vector<std::string> key;
            FixedRow row = PartitionOf(file);
            for (const Value& value : row)
                key.push_back(value.IsNull() ? "" : "=" + value.ToString());
            partitions.emplace(std::move(key), std::move(row));
        }
        for (auto& [key, row] : partitions) {
            if (IsAsked(row)) rows_.push_back(std::move(row));
        }
    }

    FixedRow PartitionOf(const table::DataFile& file) {
        const table::TableMetadata& metadata = Table()->metadata();
        FixedRow row;
        for (size_t i = 0; i < metadata.partition_columns.size(); i++) {
            const auto at =
                static_cast<size_t>(metadata.schema.Find(metadata.partition_columns[i]));
            row.push_back(ToDuck(file.partition_values[i], metadata.schema.fields[at].type));
        }
        return row;
    }

    // Has the partition the values that PARTITION (...) names.
    bool IsAsked(const FixedRow& row) {
        const auto& columns = Table()->metadata().partition_columns;
        return std::all_of(show_.partition.begin(), show_.partition.end(), [&](const auto& asked) {
            const auto at = std::find_if(
                columns.begin(), columns.end(),
                [&](const std::string& column) { return EqualsIgnoreCase(column, asked.first); });
            if (at == columns.end()) {
                throw Error(ErrorKind::kInvalidInput, "{} is no partition column of {}",
                            asked.first, Table()->row().name.ToString());
            }
            return row[static_cast<size_t>(at - columns.begin())].ToString() == asked.second;
        });
    }

    duckdb::ClientContext& client_;
    const sql::Dialect dialect_;
    const sql::Show& show_;
    std::shared_ptr<TableEntry> table_;
    std::vector<FixedRow> rows_;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& client,
                                              duckdb::TableFunctionBindInput&,
                                              duckdb::vector<LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        const ClientState& state = ClientState::Of(client);
        if (state.show == nullptr) {
            throw Error(ErrorKind::kInvalidInput,
                        "this function is the engine's own: use SHOW, or DESCRIBE EXTENDED");
        }
        Shower shower(client, *state.show);
        auto data = DeclareFixed(shower.Columns(), types, names);
        data->rows = shower.Rows();
        return data;
    });
}

}  // namespace

void RegisterShowFunction(duckdb::ExtensionLoader& loader) {
    loader.RegisterFunction(FixedFunction("tarn_show", {{}}, Bind));
}

std::string ShowQuery() { return "SELECT * FROM tarn_show()"; }

}  // namespace tarn::engine::duck
