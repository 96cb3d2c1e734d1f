// What ALTER TABLE makes of a table's metadata. Touches no row and commits nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "engine/duck/table_entry.h"
#include "sql/statement.h"
#include "table/snapshot.h"

namespace tarn::engine::duck {

class TableAlteration {
public:
    TableAlteration(duckdb::ClientContext& client, const TableEntry& entry);

    // InvalidInput, NotFound, AlreadyExists, Unsupported; what was applied before is then
    // worthless.
    void Apply(const sql::AlterAction& action);

    table::TableMetadata Metadata() const;
    bool is_changed() const { return is_changed_; }
    // The rows that are there must keep the new rules.
    bool must_check_rows() const { return must_check_rows_; }
    // Identity columns whose marks must pass the values that are there.
    const std::vector<std::string>& to_sync() const { return to_sync_; }
    // For the history; parameters as JSON text.
    const std::string& operation() const { return operation_; }
    const std::map<std::string, std::string>& parameters() const { return parameters_; }

private:
    using Path = std::vector<std::string>;

    void Do(const sql::AddColumn& add);
    void Do(const sql::DropColumns& drop);
    void Do(const sql::RenameColumn& rename);
    void Do(const sql::AlterColumn& alter);
    void Do(const sql::AddCheck& add);
    void Do(const sql::DropCheck& drop);
    void Do(const sql::SetProperties& set);
    void Do(const sql::UnsetProperties& unset);
    void Do(const sql::SetClustering& clustering);
    void Do(const sql::SetTableComment& set);
    void Do(const sql::ReplaceColumns& replace);

    void KeepColumn(const sql::AddColumn& column);

    void ChangeField(const sql::AlterColumn& alter, table::Field& field);
    void Move(const Path& path, const std::string& after);
    void DropOne(const Path& path);
    void RefuseDependents(const Path& path, std::string_view deed) const;
    table::Type TypeNamed(const std::string& text, const std::string& column);
    void Note(std::string operation, const std::string& key, const std::string& value);

    duckdb::ClientContext& client_;
    const TableName name_;
    table::TableMetadata metadata_;  // the lengths of texts in its types
    bool is_changed_ = false;
    bool must_check_rows_ = false;
    std::vector<std::string> to_sync_;
    std::string operation_;
    std::map<std::string, std::string> parameters_;
};

}  // namespace tarn::engine::duck
