#include <utility>

#include "base/error.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

}  // namespace

bool SyntaxParser::AtPipe() const { return AtJoined({"|", ">"}); }

// source |> step |> step
SyntaxNode SyntaxParser::ParsePipes(SyntaxNode source) {
    SyntaxNode pipes = Open(Kind::kPipes, source.first);
    pipes.parts.push_back(std::move(source));
    while (AtPipe()) {
        // Each step may stand around those before it.
        CheckDepth(static_cast<int>(pipes.parts.size()));
        cursor_.MoveTo(cursor_.index() + 2);
        pipes.parts.push_back(ParsePipeStep());
    }
    return Close(std::move(pipes));
}

SyntaxNode SyntaxParser::ParsePipeStep() {
    SyntaxNode step = Open(Kind::kPipeStep, cursor_.index());
    const auto names = [&](std::string_view word) {
        step.word = word;
        return cursor_.AcceptWord(word);
    };
    if (names("WHERE")) {
        step.parts.push_back(ParseExpression());
    } else if (names("SELECT")) {
        if (!cursor_.AcceptWord("ALL")) step.is_negated = cursor_.AcceptWord("DISTINCT");
        ParsePipeItems(step);
        if (cursor_.AtWord("WINDOW")) {
            SyntaxNode windows = Open(Kind::kPlain, cursor_.index());
            cursor_.Next();
            ParseNamedWindows(windows);
            step.parts.push_back(Close(std::move(windows)));
            step.is_outer = true;
        }
    } else if (names("EXTEND")) {
        ParsePipeItems(step);
    } else if (names("SET")) {
        do {
            step.marks.push_back(cursor_.index());
            ExpectAnyName("the name of a column");
            cursor_.ExpectSymbol("=");
            step.parts.push_back(ParseExpression());
        } while (cursor_.AcceptSymbol(","));
    } else if (names("DROP")) {
        do {
            step.marks.push_back(cursor_.index());
            ExpectAnyName("the name of a column");
        } while (cursor_.AcceptSymbol(","));
    } else if (names("AS")) {
        NoteTable(cursor_.Peek().text);
        step.marks.push_back(cursor_.index());
        ExpectAnyName("an alias");
    } else if (names("AGGREGATE")) {
        ParsePipeGroups(step);
    } else {
        ParsePipeClause(step);
    }
    return Close(std::move(step));
}

void SyntaxParser::ParsePipeItems(SyntaxNode& node) {
    do node.parts.push_back(ParseSelectItem());
    while (cursor_.AcceptSymbol(","));
    SpellOutStars(node);
}

// [aggregates] [GROUP BY columns]: a part for each of the two lists.
void SyntaxParser::ParsePipeGroups(SyntaxNode& step) {
    SyntaxNode aggregates = Open(Kind::kPlain, cursor_.index());
    const bool has_none = cursor_.AtWords({"GROUP", "BY"});
    if (!has_none) ParsePipeItems(aggregates);
    step.parts.push_back(Close(std::move(aggregates)));
    SyntaxNode groups = Open(Kind::kPlain, cursor_.index());
    if (cursor_.AcceptWords({"GROUP", "BY"})) {
        if (AtAnyWord({"ROLLUP", "CUBE", "GROUPING"})) {
            throw Error(ErrorKind::kUnsupported,
                        "|> AGGREGATE groups by columns only: use SELECT ... GROUP BY {}",
                        cursor_.Peek().text)
                .At(SpotOf(cursor_.Peek().position));
        }
        ParsePipeItems(groups);
    }
    step.parts.push_back(Close(std::move(groups)));
}

// What is spelled as in a query: set operations, sorting, PIVOT, TABLESAMPLE and joins.
void SyntaxParser::ParsePipeClause(SyntaxNode& step) {
    SyntaxNode clause = Open(Kind::kPlain, cursor_.index());
    if (AtAnyWord({"UNION", "EXCEPT", "INTERSECT", "MINUS"})) {
        step.word = "UNION";
        ParseSetOperator(clause);
        step.parts.push_back(Close(std::move(clause)));
        step.parts.push_back(ParseSetTerm());
        return;
    }
    if (AtAnyWord({"PIVOT", "UNPIVOT", "TABLESAMPLE"})) {
        step.word = "PIVOT";
        if (cursor_.AtWord("TABLESAMPLE")) {
            ParseSample(clause);
        } else {
            ParsePivot(clause);
        }
    } else if (AtAnyWord({"LIMIT", "OFFSET"})) {
        step.word = "LIMIT";
        while (ParseLimit(clause)) {
        }
    } else if (ParseOrdering(clause)) {
        step.word = "ORDER";
    } else if (ParseJoin(clause)) {
        step.word = "JOIN";
    } else {
        cursor_.FailExpected(
            "WHERE, SELECT, EXTEND, SET, DROP, AS, AGGREGATE, JOIN, ORDER BY, LIMIT, UNION, "
            "PIVOT, UNPIVOT or TABLESAMPLE");
    }
    step.parts.push_back(Close(std::move(clause)));
}

}  // namespace tarn::sql
