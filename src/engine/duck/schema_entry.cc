#include "engine/duck/schema_entry.h"

#include "base/check.h"
#include "base/text.h"
#include "duckdb/catalog/catalog_entry/scalar_macro_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_macro_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/catalog/similar_catalog_entry.hpp"
#include "duckdb/catalog/standard_entry.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/planner/tableref/bound_at_clause.hpp"
#include "engine/duck/assumed_entry.h"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/create_table.h"
#include "engine/duck/errors.h"
#include "engine/duck/lake_view.h"
#include "engine/duck/system_entry.h"
#include "engine/duck/transaction.h"
#include "engine/duck/version_values.h"
#include "engine/duck/view_definition.h"
#include "sql/time_travel.h"

namespace tarn::engine::duck {
namespace {

using Entry = duckdb::optional_ptr<duckdb::CatalogEntry>;

bool IsLocation(const std::string& name) {
    return name.starts_with('/') || name.find("://") != std::string::npos;
}

table::AsOf AsOfClause(duckdb::ClientContext& client, const duckdb::BoundAtClause& at) {
    if (at.GetValue().IsNull()) {
        throw Error(ErrorKind::kInvalidInput, "AT {} => NULL names no version", at.Unit());
    }
    if (EqualsIgnoreCase(at.Unit(), "version")) return VersionIn(at.GetValue());
    if (EqualsIgnoreCase(at.Unit(), "timestamp")) return TimeIn(client, at.GetValue());
    throw Error(ErrorKind::kInvalidInput, "AT takes VERSION or TIMESTAMP, not {}", at.Unit());
}

table::AsOf AsOfName(duckdb::ClientContext& client, const sql::NamedVersion& named) {
    const duckdb::Value text(named.text);
    if (named.is_time) return TimeIn(client, text);
    return VersionIn(text);
}

bool IsRelation(duckdb::CatalogType type) {
    return type == duckdb::CatalogType::TABLE_ENTRY || type == duckdb::CatalogType::VIEW_ENTRY;
}

bool IsTableFunction(duckdb::CatalogType type) {
    return type == duckdb::CatalogType::TABLE_FUNCTION_ENTRY ||
           type == duckdb::CatalogType::TABLE_MACRO_ENTRY;
}

bool IsFunction(duckdb::CatalogType type) {
    return IsTableFunction(type) || type == duckdb::CatalogType::MACRO_ENTRY ||
           type == duckdb::CatalogType::SCALAR_FUNCTION_ENTRY;
}

// CREATE MACRO without the name of the place: the row says it.
// The engine writes a parameter's name as it is, also one that its grammar reserves.
void QuoteParameters(duckdb::MacroFunction& macro) {
    for (auto& parameter : macro.parameters) {
        std::string& named = parameter->Cast<duckdb::ColumnRefExpression>().column_names.back();
        named = duckdb::KeywordHelper::WriteOptionallyQuoted(named);
    }
    duckdb::InsertionOrderPreservingMap<duckdb::unique_ptr<duckdb::ParsedExpression>> defaults;
    for (auto& [named, value] : macro.default_parameters)
        defaults.insert(duckdb::KeywordHelper::WriteOptionallyQuoted(named), value->Copy());
    macro.default_parameters = std::move(defaults);
}

std::string FunctionText(const duckdb::CreateFunctionInfo& info) {
    auto copy = info.Copy();
    for (auto& macro : copy->Cast<duckdb::CreateMacroInfo>().macros) QuoteParameters(*macro);
    copy->catalog.clear();
    copy->schema.clear();
    copy->temporary = false;
    copy->on_conflict = duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
    return copy->ToString();
}

std::shared_ptr<duckdb::MacroCatalogEntry> MakeFunction(duckdb::Catalog& lake,
                                                        duckdb::SchemaCatalogEntry& in_schema,
                                                        const DirectoryEntry& row) {
    duckdb::Parser parser;
    parser.ParseQuery(row.sql);
    Check(parser.statements.size() == 1 &&
              parser.statements[0]->type == duckdb::StatementType::CREATE_STATEMENT,
          "a function's row holds its definition");
    auto& info =
        parser.statements[0]->Cast<duckdb::CreateStatement>().info->Cast<duckdb::CreateMacroInfo>();
    info.catalog = lake.GetName();
    info.schema = in_schema.name;
    if (info.type == duckdb::CatalogType::TABLE_MACRO_ENTRY)
        return std::make_shared<duckdb::TableMacroCatalogEntry>(lake, in_schema, info);
    return std::make_shared<duckdb::ScalarMacroCatalogEntry>(lake, in_schema, info);
}

// Empty for what is no renaming of a table or a view.
std::string NewNameIn(const duckdb::AlterInfo& info) {
    if (info.type == duckdb::AlterType::ALTER_TABLE) {
        const auto& table = info.Cast<duckdb::AlterTableInfo>();
        if (table.alter_table_type == duckdb::AlterTableType::RENAME_TABLE)
            return table.Cast<duckdb::RenameTableInfo>().new_table_name;
    }
    if (info.type == duckdb::AlterType::ALTER_VIEW) {
        const auto& view = info.Cast<duckdb::AlterViewInfo>();
        if (view.alter_view_type == duckdb::AlterViewType::RENAME_VIEW)
            return view.Cast<duckdb::RenameViewInfo>().new_view_name;
    }
    return {};
}

[[noreturn]] void Refuse(std::string_view what) {
    ThrowIntoDuck(Error(ErrorKind::kUnsupported,
                        "the lake holds no {} yet: use CREATE TEMPORARY, or the temp schema",
                        what));
}

std::string QueryWithAliases(const duckdb::CreateViewInfo& info) {
    std::string query = info.query->ToString();
    if (info.aliases.empty()) return query;
    std::string names;
    for (const auto& alias : info.aliases) {
        names += (names.empty() ? "" : ", ") + duckdb::KeywordHelper::WriteOptionallyQuoted(alias);
    }
    return "SELECT * FROM (" + query + ") AS v(" + names + ")";
}

}  // namespace

std::string FolderOf(std::string written) {
    while (written.size() > 1 && written.back() == '/') written.pop_back();
    return written;
}

void CheckDefinitionAllowed(duckdb::ClientContext& client) {
    if (!client.transaction.IsAutoCommit()) {
        throw Error(ErrorKind::kUnsupported,
                    "definitions cannot be part of a transaction: run it outside BEGIN ... COMMIT");
    }
}

LakeCatalog& SchemaEntry::Lake() { return static_cast<LakeCatalog&>(catalog); }

std::optional<DirectoryEntry> SchemaEntry::FindRow(duckdb::ClientContext& client,
                                                   const std::string& entry_name, EntryKind kind) {
    auto& transaction = LakeTransaction::Of(client, catalog);
    if (!is_for_paths_) return transaction.FindRow({name, entry_name}, kind);
    if (!IsLocation(entry_name)) return std::nullopt;
    DirectoryEntry row;
    row.name = {name, entry_name};
    row.format = name;
    row.location = FolderOf(entry_name);
    row.managed = false;
    if (!Lake().core().FormatNamed(name).Exists(row.location)) return std::nullopt;
    return row;
}

// A folder wins over the version that the end of its name could mean.
bool SchemaEntry::IsFolder(const std::string& entry_name) {
    if (!is_for_paths_ || !IsLocation(entry_name)) return false;
    storage::ListOptions one;
    one.recursive = true;
    one.limit = 1;
    return !Lake().core().parts.store.List(entry_name, one).empty();
}

duckdb::CatalogEntry& SchemaEntry::Open(duckdb::ClientContext& client, const DirectoryEntry& row,
                                        const std::optional<table::AsOf>& as_of) {
    auto& transaction = LakeTransaction::Of(client, catalog);
    if (row.kind != EntryKind::kTable && as_of) {
        throw Error(ErrorKind::kInvalidInput, "{} is no table: it has no versions",
                    row.name.ToString());
    }
    switch (row.kind) {
        case EntryKind::kView:
            return transaction.Keep(
                LakeView::Make(catalog, *this, row, ClientState::Of(client).meter));
        case EntryKind::kFunction:
            return transaction.Keep(MakeFunction(catalog, *this, row));
        case EntryKind::kSystemTable:
            return transaction.Keep(SystemEntry::Make(client, Lake().core(), *this, row));
        case EntryKind::kTable:
            break;
    }
    if (ClientState::Of(client).drops) {
        return transaction.Keep(std::make_shared<duckdb::StandardEntry>(
            duckdb::CatalogType::TABLE_ENTRY, *this, catalog, row.name.name));
    }
    return *transaction.Table(*this, row, as_of.value_or(table::Latest{}));
}

// The version that a name says is none of a table that has no versions.
Entry SchemaEntry::FindAssumed(duckdb::ClientContext& client, const std::string& entry_name) {
    const AssumedTables* const assumed = ClientState::Of(client).assumed;
    if (assumed == nullptr) return nullptr;
    const auto* table = assumed->Find({name, entry_name});
    if (table == nullptr) return nullptr;
    return &LakeTransaction::Of(client, catalog).Keep(AssumedEntry::Make(client, *this, *table));
}

Entry SchemaEntry::LookupEntry(duckdb::CatalogTransaction transaction,
                               const duckdb::EntryLookupInfo& lookup) {
    if (IsFunction(lookup.GetCatalogType())) return LookupFunction(transaction, lookup);
    if (!IsRelation(lookup.GetCatalogType())) return nullptr;
    const auto look_up = [&]() -> Entry {
        auto& client = transaction.GetContext();
        if (Entry assumed = FindAssumed(client, lookup.GetEntryName())) return assumed;
        std::optional<table::AsOf> as_of;
        if (const auto at = lookup.GetAtClause()) as_of = AsOfClause(client, *at);
        auto row = FindRow(client, lookup.GetEntryName());
        const auto named = sql::SplitNamedVersion(lookup.GetEntryName());
        if (!row && named && !as_of && !IsFolder(lookup.GetEntryName())) {
            row = FindRow(client, named->name);
            as_of = AsOfName(client, *named);
        }
        if (!row) return nullptr;
        if (row->kind != EntryKind::kTable) {
            Lake().core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kRead,
                                                 row->name);
        }
        return &Open(client, *row, as_of);
    };
    return Guarded(look_up, lookup.GetErrorContext().query_location);
}

Entry SchemaEntry::LookupFunction(duckdb::CatalogTransaction transaction,
                                  const duckdb::EntryLookupInfo& lookup) {
    if (is_for_paths_ || !transaction.HasContext()) return nullptr;
    return Guarded([&]() -> Entry {
        auto& client = transaction.GetContext();
        const auto row = FindRow(client, lookup.GetEntryName(), EntryKind::kFunction);
        if (!row) return nullptr;
        auto& entry = Open(client, *row, std::nullopt);
        const bool is_table = entry.type == duckdb::CatalogType::TABLE_MACRO_ENTRY;
        return is_table == IsTableFunction(lookup.GetCatalogType()) ? &entry : nullptr;
    });
}

Error SchemaEntry::NoTableAt(const std::string& path) {
    if (!IsLocation(path)) {
        return Error(ErrorKind::kNotFound,
                     "{} is no whole path: name the table's folder from the root, as in "
                     "{}.`/data/events`",
                     path, name);
    }
    const bool is_there = IsFolder(path) || Lake().core().parts.store.Stat(path);
    if (!is_there) return Error(ErrorKind::kNotFound, "there is nothing at {}", path);
    return Error(ErrorKind::kNotFound, "what lies at {} is no {} table", path, name);
}

// Only names are compared: a slip of the pen must not load every table.
duckdb::SimilarCatalogEntry SchemaEntry::GetSimilarEntry(duckdb::CatalogTransaction,
                                                         const duckdb::EntryLookupInfo& lookup) {
    duckdb::SimilarCatalogEntry similar;
    if (lookup.GetCatalogType() != duckdb::CatalogType::TABLE_ENTRY) return similar;
    if (is_for_paths_) {
        // DuckDB asks on its way to saying that the table is missing; of a folder more is known.
        const std::string& path = lookup.GetEntryName();
        if (path.find('/') == std::string::npos) return similar;
        const auto refuse = [&]() -> duckdb::SimilarCatalogEntry { throw NoTableAt(path); };
        return Guarded(refuse, lookup.GetErrorContext().query_location);
    }
    for (const DirectoryEntry& row :
         Guarded([&] { return Lake().core().parts.directory.List(name); })) {
        const double score =
            duckdb::StringUtil::SimilarityRating(row.name.name, lookup.GetEntryName());
        if (score > similar.score) {
            similar.score = score;
            similar.name = row.name.name;
            similar.schema = this;
        }
    }
    return similar;
}

void SchemaEntry::Scan(duckdb::ClientContext& client, duckdb::CatalogType entry_type,
                       const std::function<void(duckdb::CatalogEntry&)>& callback) {
    if (is_for_paths_) return;
    if (!IsRelation(entry_type) && !IsFunction(entry_type)) return;
    const auto all = Guarded([&] { return Lake().core().parts.directory.List(name); });
    for (const DirectoryEntry& row : all) {
        if ((row.kind == EntryKind::kFunction) != IsFunction(entry_type)) continue;
        duckdb::CatalogEntry* entry = nullptr;
        try {
            entry = &Open(client, row, std::nullopt);
        } catch (const Error& error) {
            // One broken table must not hide the others from a listing.
            ClientState::Of(client).meter->AddNotice(row.name.ToString() +
                                                     " is left out: " + error.message());
            continue;
        }
        if (row.kind == EntryKind::kFunction && entry->type != entry_type) continue;
        callback(*entry);
    }
}

void SchemaEntry::DropEntry(duckdb::ClientContext& client, duckdb::DropInfo& info) {
    Guarded([&] {
        CheckDefinitionAllowed(client);
        const TableName target{name, info.name};
        Lake().core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kDrop,
                                             target);
        if (is_for_paths_) {
            throw Error(ErrorKind::kUnsupported,
                        "{} is not a table of the lake: its files are not ours to drop", info.name);
        }
        const bool is_view = info.type == duckdb::CatalogType::VIEW_ENTRY;
        const bool is_function = IsFunction(info.type);
        const EntryKind wanted = is_view       ? EntryKind::kView
                                 : is_function ? EntryKind::kFunction
                                               : EntryKind::kTable;
        const auto row = FindRow(client, info.name, wanted);
        const char* const word = is_view ? "view" : is_function ? "function" : "table";
        if (!row) {
            if (info.if_not_found == duckdb::OnEntryNotFound::RETURN_NULL) return;
            throw Error(ErrorKind::kNotFound, "there is no {} {}", word, target.ToString());
        }
        if (row->kind != wanted) {
            throw Error(ErrorKind::kInvalidInput, "{} is not a {}", target.ToString(), word);
        }
        Lake().core().parts.directory.Drop(row->name, wanted);
    });
}

Entry SchemaEntry::CreateTable(duckdb::CatalogTransaction transaction,
                               duckdb::BoundCreateTableInfo& info) {
    Guarded([&] { StageEmptyTable(transaction.GetContext(), *this, info); });
    return nullptr;
}

Entry SchemaEntry::CreateView(duckdb::CatalogTransaction transaction,
                              duckdb::CreateViewInfo& info) {
    return Guarded([&]() -> Entry {
        auto& client = transaction.GetContext();
        Core& core = Lake().core();
        CheckDefinitionAllowed(client);
        const TableName target{name, info.view_name};
        core.parts.policy.Authorize(ClientState::Of(client).principal, Action::kCreate, target);
        const auto existing = FindRow(client, info.view_name);
        if (existing && info.on_conflict == duckdb::OnCreateConflict::IGNORE_ON_CONFLICT)
            return nullptr;
        DirectoryEntry row;
        row.name = target;
        row.kind = EntryKind::kView;
        row.sql = QueryWithAliases(info);
        if (!info.comment.IsNull()) row.comment = info.comment.ToString();
        DescribeView(client, existing, row);
        Put(std::move(row), existing, info.on_conflict);
        return nullptr;
    });
}

// Makes the row of a view or function, or another one in its place.
void SchemaEntry::Put(DirectoryEntry row, const std::optional<DirectoryEntry>& existing,
                      duckdb::OnCreateConflict if_it_exists) {
    Core& core = Lake().core();
    row.id = existing ? existing->id : NewUuid(core.parts.clock, core.parts.random);
    row.format.clear();
    if (!existing || if_it_exists != duckdb::OnCreateConflict::REPLACE_ON_CONFLICT) {
        core.parts.directory.Register(row);
    } else if (existing->kind == row.kind) {
        core.parts.directory.Replace(row);
    } else {
        throw Error(ErrorKind::kAlreadyExists, "{} exists already, and is something else",
                    row.name.ToString());
    }
}

void SchemaEntry::Alter(duckdb::CatalogTransaction transaction, duckdb::AlterInfo& info) {
    const std::string new_name = NewNameIn(info);
    if (is_for_paths_ || new_name.empty()) {
        ThrowIntoDuck(Error(ErrorKind::kUnsupported,
                            "this ALTER is not one that Tarn knows for entries of the lake"));
    }
    Guarded([&] {
        auto& client = transaction.GetContext();
        CheckDefinitionAllowed(client);
        auto& parts = Lake().core().parts;
        const Principal& principal = ClientState::Of(client).principal;
        parts.policy.Authorize(principal, Action::kAlter, {name, info.name});
        parts.policy.Authorize(principal, Action::kCreate, {name, new_name});
        const auto row = FindRow(client, info.name);
        const bool is_view = info.type == duckdb::AlterType::ALTER_VIEW;
        if (row && (row->kind == EntryKind::kView) != is_view) {
            throw Error(ErrorKind::kInvalidInput, "{} is a {}: use ALTER {} ... RENAME TO",
                        row->name.ToString(), is_view ? "table" : "view",
                        is_view ? "TABLE" : "VIEW");
        }
        parts.directory.Rename({name, info.name}, new_name);
    });
}
Entry SchemaEntry::CreateIndex(duckdb::CatalogTransaction, duckdb::CreateIndexInfo&,
                               duckdb::TableCatalogEntry&) {
    Refuse("indexes");
}
Entry SchemaEntry::CreateFunction(duckdb::CatalogTransaction transaction,
                                  duckdb::CreateFunctionInfo& info) {
    if (is_for_paths_ || !IsFunction(info.type)) Refuse("functions of this kind");
    return Guarded([&]() -> Entry {
        auto& client = transaction.GetContext();
        CheckDefinitionAllowed(client);
        const TableName target{name, info.name};
        Lake().core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kCreate,
                                             target);
        const auto existing = FindRow(client, info.name, EntryKind::kFunction);
        if (existing && info.on_conflict == duckdb::OnCreateConflict::IGNORE_ON_CONFLICT)
            return nullptr;
        DirectoryEntry row;
        row.name = target;
        row.kind = EntryKind::kFunction;
        row.sql = FunctionText(info);
        Put(std::move(row), existing, info.on_conflict);
        return nullptr;
    });
}
Entry SchemaEntry::CreateSequence(duckdb::CatalogTransaction, duckdb::CreateSequenceInfo&) {
    Refuse("sequences");
}
Entry SchemaEntry::CreateTableFunction(duckdb::CatalogTransaction,
                                       duckdb::CreateTableFunctionInfo&) {
    Refuse("table functions");
}
Entry SchemaEntry::CreateCopyFunction(duckdb::CatalogTransaction, duckdb::CreateCopyFunctionInfo&) {
    Refuse("copy functions");
}
Entry SchemaEntry::CreatePragmaFunction(duckdb::CatalogTransaction,
                                        duckdb::CreatePragmaFunctionInfo&) {
    Refuse("pragma functions");
}
Entry SchemaEntry::CreateCollation(duckdb::CatalogTransaction, duckdb::CreateCollationInfo&) {
    Refuse("collations");
}
Entry SchemaEntry::CreateType(duckdb::CatalogTransaction, duckdb::CreateTypeInfo&) {
    Refuse("types");
}

}  // namespace tarn::engine::duck
