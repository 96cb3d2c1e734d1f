#include "catalog/lineage_graph.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace tarn::catalog {

namespace {

constexpr const char* kReader = "reader";

// The words of a nearest one, for a message; empty where nothing is near.
template <typename Named>
std::string DidYouMean(const std::string& word, const std::map<std::string, Named>& known) {
    std::vector<std::string> names;
    for (const auto& [name, value] : known) names.push_back(name);
    const auto near = NearestWord(word, names);
    return near ? fmt::format(": did you mean {}?", *near) : "";
}

}  // namespace

std::string LineagePoint::Text() const { return column.empty() ? table : table + "." + column; }

LineageGraph::LineageGraph(std::vector<LineageRow> rows) : rows_(std::move(rows)) {
    for (const LineageRow& row : rows_) {
        Learn(row.input, row.input_kind, row.input_column);
        by_input_[AsciiLower(row.input)].push_back(&row);
        if (row.output.empty()) continue;
        Learn(row.output, row.output_kind, row.output_column);
        by_output_[AsciiLower(row.output)].push_back(&row);
    }
}

void LineageGraph::Learn(const std::string& name, const std::string& kind,
                         const std::string& column) {
    Table& table = tables_[AsciiLower(name)];
    table.name = name;
    table.kind = kind;
    if (!column.empty()) table.columns.emplace(AsciiLower(column), column);
}

LineagePoint LineageGraph::Find(std::string_view text) const {
    const std::string folded = AsciiLower(text);
    for (const std::string& name : {folded, "main." + folded}) {
        if (const auto found = tables_.find(name); found != tables_.end())
            return {found->second.name, ""};
    }
    const size_t dot = folded.rfind('.');
    if (dot != std::string::npos) {
        const std::string before = folded.substr(0, dot);
        const std::string column = folded.substr(dot + 1);
        for (const std::string& name : {before, "main." + before}) {
            const auto found = tables_.find(name);
            if (found == tables_.end()) continue;
            const auto known = found->second.columns.find(column);
            if (known != found->second.columns.end()) return {found->second.name, known->second};
            throw Error(ErrorKind::kNotFound, "no statement is known that read or wrote {} of {}{}",
                        column, found->second.name, DidYouMean(column, found->second.columns));
        }
    }
    throw Error(ErrorKind::kNotFound,
                "no statement is known that read or wrote {}{} (lineage is kept of what ran; "
                "`tarn build` makes it)",
                text, DidYouMean(folded, tables_));
}

// Of a column also what is of all columns; of a table all.
std::vector<const LineageRow*> LineageGraph::RowsAt(const LineagePoint& from,
                                                    LineageDirection direction) const {
    const bool is_up = direction == LineageDirection::kUpstream;
    const Links& links = is_up ? by_output_ : by_input_;
    const auto found = links.find(AsciiLower(from.table));
    std::vector<const LineageRow*> rows;
    if (found == links.end() || from.is_reader) return rows;
    for (const LineageRow* row : found->second) {
        const std::string& column = is_up ? row->output_column : row->input_column;
        const bool is_of_all = is_up && column.empty() && !row->input_column.empty();
        if (from.column.empty() || is_of_all || EqualsIgnoreCase(column, from.column))
            rows.push_back(row);
    }
    return rows;
}

// A walk from a whole table goes from table to table, one from a column from column to column.
void LineageGraph::Follow(LineageStep& step, LineageDirection direction, int depth,
                          std::set<LineagePoint>& seen) const {
    if (depth == 0) return;
    const bool is_up = direction == LineageDirection::kUpstream;
    std::map<LineagePoint, LineageStep> next;
    for (const LineageRow* row : RowsAt(step.point, direction)) {
        LineagePoint point;
        point.is_reader = !is_up && row->output.empty();
        point.table = is_up ? row->input : row->output;
        if (point.is_reader) point.table = row->node.empty() ? "who asked" : row->node;
        if (!step.point.column.empty() && !point.is_reader)
            point.column = is_up ? row->input_column : row->output_column;
        if (point == step.point) continue;
        LineageStep& reached = next[point];
        reached.point = point;
        reached.kind = point.is_reader ? kReader : is_up ? row->input_kind : row->output_kind;
        if (row->effect) reached.effects.insert(std::string(engine::NameOf(*row->effect)));
        reached.masking = reached.masking || row->masking;
        if (!row->node.empty()) reached.nodes.insert(row->node);
    }
    for (auto& [point, reached] : next) {
        reached.is_repeated = !seen.insert(point).second;
        if (seen.size() > kMostSteps) {
            throw Error(ErrorKind::kLimitExceeded,
                        "the walk from here has more than {} steps: give a --depth", kMostSteps);
        }
        step.steps.push_back(std::move(reached));
    }
    for (LineageStep& reached : step.steps) {
        if (!reached.is_repeated) Follow(reached, direction, depth - 1, seen);
    }
}

LineageStep LineageGraph::Walk(const LineagePoint& from, LineageDirection direction,
                               int depth) const {
    LineageStep first;
    first.point = from;
    const auto table = tables_.find(AsciiLower(from.table));
    if (table != tables_.end()) first.kind = table->second.kind;
    std::set<LineagePoint> seen{from};
    Follow(first, direction, std::min(depth, kMostDepth), seen);
    return first;
}

std::map<std::string, std::set<std::string>> Reached(const LineageStep& walk) {
    std::map<std::string, std::set<std::string>> reached;
    for (const LineageStep& step : walk.steps) {
        auto& columns = reached[step.point.table];
        if (!step.point.column.empty()) columns.insert(step.point.column);
        for (const auto& [table, further] : Reached(step))
            reached[table].insert(further.begin(), further.end());
    }
    return reached;
}

}  // namespace tarn::catalog
