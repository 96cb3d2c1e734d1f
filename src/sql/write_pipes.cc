#include <utility>

#include "sql/piped_query.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

}  // namespace

// The name that columns of the table are reached by; empty when there is none.
std::string SyntaxWriter::NameOfTable(const SyntaxNode& table) const {
    size_t last = table.end - 1;
    if (table.is_named && IsSymbol(tokens_[last], ")")) {  // its columns are named as well
        while (last > table.first && !IsSymbol(tokens_[last], "(")) --last;
        --last;
    }
    if (!table.is_named) {
        const bool is_name = !table.parts.empty() && table.parts.front().kind == Kind::kTable;
        if (!is_name) return {};
        last = table.parts.front().first;
        while (IsSymbol(tokens_[last + 1], ".")) last += 2;
    }
    const TokenKind kind = tokens_[last].kind;
    const bool is_word = kind == TokenKind::kIdentifier || kind == TokenKind::kQuotedIdentifier;
    return is_word ? Name(last) : std::string();
}

PipedQuery SyntaxWriter::SourceOfPipes(const SyntaxNode& source) const {
    const SyntaxNode* query = &source;
    if (query->parts.size() == 1 && query->parts.front().kind == Kind::kPlain)
        query = &query->parts.front();
    // FROM tables and nothing else: their names stay known.
    const bool is_bare = IsWord(tokens_[query->first], "FROM") && query->parts.size() == 1 &&
                         query->parts.front().first == query->first + 1 &&
                         query->parts.front().end == query->end;
    if (is_bare) {
        const SyntaxNode& tables = query->parts.front();
        return {Write(tables), tables.parts.size() == 1 ? NameOfTable(tables.parts.front()) : ""};
    }
    SyntaxNode rows = source;
    const bool is_rows = rows.parts.size() == 1 && rows.parts.front().kind == Kind::kRows;
    if (is_rows) rows.parts.front().is_outer = true;  // they stand for a table
    if (is_rows) return {Write(rows), ""};
    SqlText table = SqlText::Of("(", Place(source)).Append(Write(source)).Append(") AS \"piped\"");
    return {std::move(table), ""};
}

SqlText SyntaxWriter::WritePipes(const SyntaxNode& node) const {
    PipedQuery query = SourceOfPipes(node.parts.front());
    for (size_t i = 1; i < node.parts.size(); ++i) WritePipeStep(node.parts[i], query);
    return query.Text();
}

// A number groups by the column in that place of the rows that come in.
std::vector<SqlText> SyntaxWriter::GroupsOf(const SyntaxNode& groups) const {
    std::vector<SqlText> written;
    for (const SyntaxNode& group : groups.parts) {
        const bool is_place = group.parts.front().kind == Kind::kNumber;
        written.push_back(is_place ? SqlText::Of("#", Place(group)).Append(Write(group))
                                   : Write(group));
    }
    return written;
}

void SyntaxWriter::WritePipeStep(const SyntaxNode& step, PipedQuery& query) const {
    const SyntaxNode* first = step.parts.empty() ? nullptr : &step.parts.front();
    if (step.word == "WHERE") {
        query.Filter(Write(*first));
    } else if (step.word == "SELECT") {
        std::vector<SqlText> items = Parts(step);
        SqlText windows;
        if (step.is_outer) windows = items.back();
        if (step.is_outer) items.pop_back();
        query.Select(Join(items, ", "), step.is_negated, windows);
    } else if (step.word == "EXTEND") {
        query.SelectAllBut(SqlText::Of(", ", Place(step)).Append(Join(Parts(step), ", ")));
    } else if (step.word == "SET") {
        for (size_t i = 0; i < step.parts.size(); ++i) {  // each sees those before it
            query.SelectAllBut(SqlText::Of(" REPLACE (", Place(step.parts[i]))
                                   .Append(Write(step.parts[i]))
                                   .Append(" AS " + Name(step.marks[i]) + ")"));
        }
    } else if (step.word == "DROP") {
        std::vector<SqlText> names;
        for (const size_t mark : step.marks)
            names.push_back(SqlText::Of(Name(mark), tokens_[mark].begin));
        query.SelectAllBut(
            SqlText::Of(" EXCLUDE (", Place(step)).Append(Join(names, ", ")).Append(")"));
    } else if (step.word == "AS") {
        query.Name(Name(step.marks.front()));
    } else if (step.word == "AGGREGATE") {
        query.Aggregate(GroupsOf(step.parts[1]), Parts(*first));
    } else if (step.word == "UNION") {
        query.Combine(Write(*first), Write(step.parts[1]));
    } else if (step.word == "PIVOT") {
        query.Reshape(Write(*first));
    } else if (step.word == "LIMIT") {
        query.Limit(Write(*first));
    } else if (step.word == "ORDER") {
        query.Order(Write(*first));
    } else {
        query.Join(Write(*first));
    }
}

}  // namespace tarn::sql
