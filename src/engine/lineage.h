// Where the columns of a statement's output come from, as its bound plan says. What a value is made
// of is direct; what only decides on it or on which rows there are is indirect (the words are those
// of OpenLineage's column lineage facet). Values, immutable once given out.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/session.h"
#include "engine/table_directory.h"

namespace tarn::engine {

// How an input's column takes part in an output's; the weaker before the stronger.
enum class LineageEffect : uint8_t {
    kIdentity,        // the value as it is
    kTransformation,  // made of the value of one row
    kAggregation,     // made of the values of several rows
    kFilter,          // decides which rows there are
    kJoin,            // decides which rows meet
    kGroupBy,         // decides which rows are put together
    kSort,            // decides the order of rows
    kWindow,          // divides or orders the rows of a window
    kConditional,     // decides which of several values it is
};
bool IsDirect(LineageEffect effect);
std::string_view NameOf(LineageEffect effect);  // "GROUP_BY"
// Nothing for a word that is no effect's name.
std::optional<LineageEffect> LineageEffectNamed(std::string_view name);

enum class DatasetKind { kTable, kView, kSystemTable, kFiles };
std::string_view NameOf(DatasetKind kind);  // "table"

struct LineageDataset {
    DatasetKind kind = DatasetKind::kTable;
    TableName name;        // of files: empty
    std::string id;        // of the directory's row; empty: it has none
    std::string location;  // tables: their folder; files: the path as the statement has it
    std::string format;    // "delta", "csv"
    std::optional<int64_t> version;  // that was read, or was written
    // "silver.orders", or the files' path.
    std::string Title() const { return name.name.empty() ? location : name.ToString(); }
};

struct LineageEdge {
    size_t input = 0;    // of StatementLineage::inputs
    std::string column;  // of the input
    std::string output;  // column of the output; empty: its rows, and with them every column
    LineageEffect effect = LineageEffect::kIdentity;
    bool masking = false;  // on the way the value is hashed or masked
};

// A cast that nobody wrote, between a text and a number, a date or a time.
struct ImplicitCast {
    std::string value;  // a column's name, or what it is made of
    std::string from;
    std::string to;
    bool operator==(const ImplicitCast&) const = default;
};

struct StatementLineage {
    // A statement has at most so many edges: of one with more some are left out.
    static constexpr size_t kMostEdges = 50'000;

    std::optional<LineageDataset> output;  // nothing: the rows went to who asked
    std::vector<ColumnInfo> columns;       // of the output
    std::vector<LineageDataset> inputs;    // views that were read among them, without edges
    std::vector<LineageEdge> edges;        // of each column in turn, then of the rows
    bool is_cut = false;                   // beyond a limit
    // Of a SELECT that Session::LineageOf read.
    std::vector<ImplicitCast> implicit_casts;
};

// Tables that a plan which is only looked at takes for there, whatever is there.
class AssumedTables {
public:
    struct Table {
        TableName name;
        std::vector<ColumnInfo> columns;
        bool is_view = false;
    };

    // Instead of one of that name that was added before.
    void Add(Table table);
    // Names as a directory finds them. Null: there is none.
    const Table* Find(const TableName& name) const;
    bool HasSchema(const std::string& schema) const;

private:
    std::unordered_map<std::string, Table> tables_;  // by folded name
    std::set<std::string> schemas_;                  // folded
};

}  // namespace tarn::engine
