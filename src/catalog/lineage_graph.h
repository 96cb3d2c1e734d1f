// What comes from what, over all statements that are known: walked from a table or a column, up or
// down. Immutable once made; thread-safe.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/lineage_log.h"

namespace tarn::catalog {

// A table, a view or files; of it one column, or, with none named, all of it.
struct LineagePoint {
    std::string table;  // "silver.orders", or a path; of a reader the node that reads
    std::string column;
    bool is_reader = false;  // rows went to who asked
    auto operator<=>(const LineagePoint&) const = default;
    // "silver.orders.amount"
    std::string Text() const;
};

// One point of a walk and what follows it.
struct LineageStep {
    LineagePoint point;
    std::string kind;               // "table", "view", "files"; of a reader "reader"
    std::set<std::string> effects;  // of the edge to the point before: "AGGREGATION"
    bool masking = false;
    std::set<std::string> nodes;  // that made the edge
    bool is_repeated = false;     // what follows stands elsewhere in the walk
    std::vector<LineageStep> steps;
};

enum class LineageDirection { kUpstream, kDownstream };

class LineageGraph {
public:
    static constexpr size_t kMostSteps = 10'000;  // of one walk
    static constexpr int kMostDepth = 100;

    explicit LineageGraph(std::vector<LineageRow> rows);

    // "silver.orders", "orders" (of main), "silver.orders.amount", a path. NotFound, naming the
    // nearest table or column that is known.
    LineagePoint Find(std::string_view text) const;
    // The point itself, and what follows it within `depth` steps. LimitExceeded beyond kMostSteps.
    LineageStep Walk(const LineagePoint& from, LineageDirection direction, int depth) const;

private:
    struct Table {
        std::string name;  // as it is written
        std::string kind;
        std::map<std::string, std::string> columns;  // folded to written
    };
    using Links = std::map<std::string, std::vector<const LineageRow*>>;  // by folded table

    void Learn(const std::string& name, const std::string& kind, const std::string& column);
    std::vector<const LineageRow*> RowsAt(const LineagePoint& from,
                                          LineageDirection direction) const;
    void Follow(LineageStep& step, LineageDirection direction, int depth,
                std::set<LineagePoint>& seen) const;

    const std::vector<LineageRow> rows_;
    std::map<std::string, Table> tables_;  // by folded name
    Links by_output_;
    Links by_input_;
};

// The tables and columns that a walk downstream reaches: what dropping its first point breaks.
std::map<std::string, std::set<std::string>> Reached(const LineageStep& walk);

}  // namespace tarn::catalog
