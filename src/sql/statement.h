// What a statement is once parsed: a typed tree of those that Tarn itself executes, and for all
// others the text for the engine with its way back to the user's own. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "sql/source_map.h"
#include "sql/text_position.h"

namespace tarn::sql {

// A name as written, one to three parts, quotes off, case kept.
struct QualifiedName {
    std::vector<std::string> parts;
    TextPosition position;

    // A table named by its folder: delta.`/some/path` (the first part says the format).
    bool IsPath() const;
    // Every part quoted: "silver"."events".
    std::string ToSql() const;
};

enum class StatementClass {
    kQuery,
    kInsert,
    kUpdate,
    kDelete,  // TRUNCATE too
    kMerge,
    kCreateTable,
    kCreateView,
    kCreateSchema,
    kDrop,
    kAlter,  // COMMENT ON too
    kCopy,
    kSet,  // RESET and PRAGMA too
    kBegin,
    kCommit,
    kRollback,
    kExplain,
    kDescribe,  // SUMMARIZE too
    kShow,
    kUse,
    kOther,  // ATTACH, CALL, PREPARE, CREATE MACRO and all that the frame does not know
};

// "create table"
std::string_view NameOf(StatementClass statement_class);

// The clauses of CREATE TABLE that the engine's grammar lacks; they are cut out of its text.
struct TableClauses {
    QualifiedName table;
    std::optional<std::string> format;              // USING, lower case: "delta" or "iceberg"
    std::vector<std::string> partition_columns;     // PARTITIONED BY
    std::vector<std::string> cluster_columns;       // CLUSTER BY
    std::optional<std::string> location;            // LOCATION
    std::optional<std::string> comment;             // COMMENT
    std::map<std::string, std::string> properties;  // TBLPROPERTIES
    std::vector<std::pair<std::string, std::string>> column_comments;  // column, COMMENT

    // False when the statement had none of them.
    bool HasAny() const;
};

// Which rows the new ones of an INSERT replace; cut out of its text. Texts are as the engine spells
// them.
struct InsertClauses {
    enum class Replaces {
        kNothing,
        kAll,          // OVERWRITE
        kPartitions,   // OVERWRITE ... PARTITION (...): those that are named, or touched
        kWhere,        // REPLACE WHERE condition, which the new rows must meet
        kSameColumns,  // REPLACE USING (columns)
        kMatching,     // REPLACE ON condition over both
    };
    Replaces replaces = Replaces::kNothing;
    std::string table;
    // PARTITION (a = 'x', b): the value of a, while the rows give b's.
    std::vector<std::pair<std::string, std::optional<std::string>>> partition;
    std::string condition;
    std::vector<std::string> columns;
    std::string target_alias;
    std::string source_alias;
};

// A statement for the engine. `text` is the user's with Tarn's spellings replaced by the engine's,
// and is the very same bytes when there were none.
struct EngineStatement {
    StatementClass statement_class = StatementClass::kOther;
    std::string text;
    SourceMap source_map;
    std::optional<TableClauses> clauses;  // of every CREATE TABLE, also within EXPLAIN
    std::optional<InsertClauses> insert;  // of an INSERT that has some
};

// DESCRIBE HISTORY name [LIMIT n]
struct DescribeHistory {
    QualifiedName table;
    std::optional<int64_t> limit;
};

// DESCRIBE DETAIL name
struct DescribeDetail {
    QualifiedName table;
};

// INSTALL or LOAD: nothing to do, with a notice, for what Tarn has itself, else refused (DESIGN
// section 7).
struct LoadExtension {
    std::string name;  // lower case, as far as it is a name
    bool is_install = false;
    bool is_built_in = false;
    TextPosition position;  // of the name
};

// SQL of the engine that a row either fulfils or not.
struct Condition {
    std::string text;
    TextPosition position;
};

// OPTIMIZE name [WHERE condition]
struct Optimize {
    QualifiedName table;
    std::optional<Condition> condition;  // on partition columns
};

// VACUUM name [RETAIN n HOURS] [DRY RUN]
struct Vacuum {
    QualifiedName table;
    std::optional<double> retain_hours;
    bool is_dry_run = false;
};

// CHECKPOINT name
struct Checkpoint {
    QualifiedName table;
};

using UpkeepStatement = std::variant<Optimize, Vacuum, Checkpoint>;

// A statement that Tarn will have and has not yet.
struct KnownButUnsupported {
    std::string statement;  // "OPTIMIZE"
    std::string remedy;     // what to do meanwhile; may be empty
    TextPosition position;
};

using ParsedStatement = std::variant<EngineStatement, DescribeHistory, DescribeDetail,
                                     UpkeepStatement, LoadExtension, KnownButUnsupported>;

// The refusal, of kind Unsupported, to throw for it.
Error Refusal(const KnownButUnsupported& statement);
Error Refusal(const LoadExtension& statement);

}  // namespace tarn::sql
