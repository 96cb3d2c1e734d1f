// What a table asks of the rows that are written into it, held against them before they go to a
// file: NOT NULL and the length of texts at every depth, CHECK constraints, invariants, generated
// columns. Immutable and
// thread-safe; each thread has its own Local.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "engine/duck/shown_rows.h"
#include "engine/table_directory.h"
#include "table/snapshot.h"

namespace tarn::engine::duck {

// What the statement does that asks: the remedies differ.
enum class RulesFor {
    kWriting,
    kDefining,  // it makes the rules, and there is nothing to drop yet
};

class RowRules {
public:
    // Unsupported or InvalidInput for a rule that cannot be evaluated (rule_expression.h).
    RowRules(duckdb::ClientContext& client, const TableName& name, const table::Schema& schema,
             const std::vector<table::RowCheck>& checks, RulesFor rules_for);

    struct Local {
        std::unique_ptr<duckdb::ExpressionExecutor> executor;
        duckdb::DataChunk verdicts;
    };
    std::unique_ptr<Local> MakeLocal(duckdb::ClientContext& client) const;
    // Rows in the order of the schema. InvalidInput for a row that breaks a rule, naming table,
    // rule, rows and remedy.
    void Check(Local& local, duckdb::DataChunk& rows) const;

private:
    struct Rule {
        std::string what;  // "the CHECK constraint positive (amount > 0)"
        std::string remedy;
        duckdb::unique_ptr<duckdb::Expression> expression;  // BOOLEAN
    };

    void AddRule(duckdb::ClientContext& client, const duckdb::ColumnList& columns,
                 const std::string& what, const std::string& remedy, const std::string& expression);
    void AddRulesOf(duckdb::ClientContext& client, const duckdb::ColumnList& columns,
                    const table::Field& field);
    void Evaluate(Local& local, size_t rule) const;
    void CheckNotNull(duckdb::DataChunk& rows) const;
    // What other readers take for a day in the year 5881580, or cannot read at all.
    void CheckFinite(duckdb::DataChunk& rows) const;
    void CheckLengths(duckdb::DataChunk& rows) const;
    [[noreturn]] void Refuse(const std::string& what, const std::string& remedy,
                             const duckdb::DataChunk& rows, const RowNumbers& broken) const;

    const TableName name_;
    const std::vector<table::Field> fields_;
    const RulesFor rules_for_;
    std::vector<bool> has_nested_not_null_;                // by field
    std::vector<bool> has_nested_times_;                   // by field
    std::vector<std::pair<size_t, table::Type>> limited_;  // fields with texts of limited length
    std::vector<Rule> rules_;
};

}  // namespace tarn::engine::duck
