#include "engine/duck/show_function.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/client_data.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/column_comment.h"
#include "engine/duck/errors.h"
#include "engine/duck/fixed_rows.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/table_texts.h"
#include "engine/duck/types.h"
#include "engine/duck/values.h"

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

class Shower {
public:
    Shower(duckdb::ClientContext& client, const sql::Show& show) : client_(client), show_(show) {}

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
            case What::kSchemaDetails:
                return Texts({"info_name", "info_value"});
            case What::kPartitions:
                return PartitionColumns();
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
                Add({CreateText(*Table())});
                break;
            case What::kTableDetails:
                AddTableDetails();
                break;
            case What::kSchemaDetails:
                AddSchemaDetails();
                break;
            case What::kPartitions:
                AddPartitions();
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
        for (const auto& schema : Directory().Schemas()) names.insert(schema.name);
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
               show_.what == What::kTableDetails;
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

    std::vector<std::string> ColumnNames() {
        std::vector<std::string> names;
        for (const table::Field& field : Table()->metadata().schema.fields)
            names.push_back(field.name);
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
            if (is_view || show_.what == What::kTables) AddEntry(schema, row.name.name, false);
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
        for (const auto type :
             {duckdb::CatalogType::SCALAR_FUNCTION_ENTRY,
              duckdb::CatalogType::AGGREGATE_FUNCTION_ENTRY, duckdb::CatalogType::MACRO_ENTRY,
              duckdb::CatalogType::TABLE_FUNCTION_ENTRY, duckdb::CatalogType::TABLE_MACRO_ENTRY}) {
            auto& system = duckdb::Catalog::GetSystemCatalog(client_);
            system.ScanSchemas(client_, [&](duckdb::SchemaCatalogEntry& in_schema) {
                in_schema.Scan(client_, type, note);
            });
            Lake().ScanSchemas(client_, [&](duckdb::SchemaCatalogEntry& in_schema) {
                in_schema.Scan(client_, type, note);
            });
        }
        for (const std::string& name : names) Add({name});
    }

    // The table's own, and what its log says beside them.
    std::map<std::string, std::string> Properties() {
        const table::TableMetadata& metadata = Table()->metadata();
        std::map<std::string, std::string> properties = metadata.properties;
        const std::string format = Table()->row().format;
        for (const table::RowCheck& check : metadata.checks)
            properties[format + ".constraints." + check.name] = check.expression;
        for (const auto& [key, value] : Table()->snapshot()->Protocol()) {
            if (key.starts_with("min")) properties[format + "." + key] = value;
        }
        for (const auto& [key, value] : Table()->row().properties) {
            if (!key.starts_with("tarn.")) properties.try_emplace(key, value);
        }
        return properties;
    }

    void AddProperties() {
        const auto properties = Properties();
        if (!show_.key) {
            for (const auto& [key, value] : properties) Add({key, value});
            return;
        }
        const auto found = properties.find(*show_.key);
        Add({*show_.key, found != properties.end()
                             ? found->second
                             : fmt::format("Table {} does not have property: {}",
                                           Table()->row().name.ToString(), *show_.key)});
    }

    void AddTableDetails() {
        const TableEntry& table = *Table();
        const table::TableMetadata& metadata = table.metadata();
        const auto add_field = [&](const table::Field& field) {
            FixedRow row = {Value(field.name), Value(SqlName(field.type))};
            const auto comment = CommentOf(field);
            row.push_back(comment ? Value(*comment) : Value(LogicalType::VARCHAR));
            rows_.push_back(std::move(row));
        };
        for (const table::Field& field : metadata.schema.fields) add_field(field);
        const auto add_list = [&](const char* title, const std::vector<std::string>& names) {
            if (names.empty()) return;
            Add({title, "", ""});
            Add({"# col_name", "data_type", "comment"});
            for (const std::string& name : names) {
                const int at = metadata.schema.Find(name);
                if (at >= 0) add_field(metadata.schema.fields[static_cast<size_t>(at)]);
            }
        };
        add_list("# Partition Information", metadata.partition_columns);
        add_list("# Clustering Information", metadata.clustering_columns);
        Add({"", "", ""});
        Add({"# Detailed Table Information", "", ""});
        Add({"Name", Lake().GetName() + "." + table.row().name.ToString(), ""});
        Add({"Type", table.row().managed ? "MANAGED" : "EXTERNAL", ""});
        if (!metadata.description.empty()) Add({"Comment", metadata.description, ""});
        Add({"Location", table.row().location, ""});
        Add({"Provider", table.row().format, ""});
        const auto owner = table.row().properties.find("owner");
        if (owner != table.row().properties.end()) Add({"Owner", owner->second, ""});
        std::vector<std::string> properties;
        for (const auto& [key, value] : Properties()) properties.push_back(key + "=" + value);
        Add({"Table Properties", "[" + Join(properties, ",") + "]", ""});
    }

    void AddSchemaDetails() {
        const engine::SchemaEntry schema = Schema();
        Add({"Catalog Name", Lake().GetName()});
        Add({"Namespace Name", schema.name});
        Add({"Comment", schema.comment});
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
        const table::TableMetadata& metadata = Table()->metadata();
        std::map<std::vector<std::string>, FixedRow> partitions;
        for (const table::DataFile& file : Table()->snapshot()->Plan({}).files) {
            std::vector<std::string> key;
            FixedRow row;
            for (size_t i = 0; i < metadata.partition_columns.size(); i++) {
                const auto at =
                    static_cast<size_t>(metadata.schema.Find(metadata.partition_columns[i]));
                row.push_back(ToDuck(file.partition_values[i], metadata.schema.fields[at].type));
                key.push_back(row.back().IsNull() ? "" : "=" + row.back().ToString());
            }
            partitions.emplace(std::move(key), std::move(row));
        }
        for (auto& [key, row] : partitions) rows_.push_back(std::move(row));
    }

    duckdb::ClientContext& client_;
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
