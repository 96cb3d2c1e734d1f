#include "sql/create_function.h"

#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sql/quote.h"
#include "sql/type_names.h"

namespace tarn::sql {
namespace {

class FunctionRewriter {
public:
    FunctionRewriter(TokenCursor& cursor, StatementRewriter& rewriter)
        : cursor_(cursor), rewriter_(rewriter) {}

    void Rewrite() {
        cursor_.AcceptWords({"IF", "NOT", "EXISTS"});
        if (!cursor_.AtName()) return;
        function_ = cursor_.ExpectQualifiedName("a name for the function").parts.back();
        if (!cursor_.AtSymbol("(")) return;
        const size_t parameters = cursor_.index();
        cursor_.SkipGroup();
        const size_t end = cursor_.index();
        // The engine's own spelling.
        if (cursor_.AtWord("AS")) return;
        cursor_.MoveTo(parameters);
        ReadParameters();
        cursor_.MoveTo(end);
        ReadClauses();
        ReadBody();
    }

private:
    // name type [DEFAULT x] [COMMENT '...'], ...
    void ReadParameters() {
        cursor_.Next();
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(")")) {
            std::string name = cursor_.ExpectName("a parameter");
            const size_t type = cursor_.index();
            types_.emplace_back(std::move(name), ReadColumnType(cursor_).first);
            rewriter_.Cut(type, cursor_.index());
            while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")")) {
                const size_t first = cursor_.index();
                if (cursor_.AcceptWord("DEFAULT")) {
                    rewriter_.Replace(first, ":=");
                } else if (cursor_.AcceptWord("COMMENT")) {
                    cursor_.ExpectString("the text of the comment");
                    rewriter_.Cut(first, cursor_.index());
                } else {
                    cursor_.SkipGroup();
                }
            }
            cursor_.AcceptSymbol(",");
        }
    }

    // The engine's typed parameters take no value of another type, nor NULL: each use casts.
    void CastParameters(size_t first) {
        const std::vector<Token>& tokens = rewriter_.tokens();
        for (size_t i = first; i + 1 < tokens.size(); ++i) {
            const bool is_name = tokens[i].kind == TokenKind::kIdentifier ||
                                 tokens[i].kind == TokenKind::kQuotedIdentifier;
            if (ReplaceQualified(i)) continue;
            const bool is_part = IsSymbol(tokens[i - 1], ".") || IsSymbol(tokens[i + 1], ".") ||
                                 IsSymbol(tokens[i + 1], "(") || IsWord(tokens[i - 1], "AS");
            if (!is_name || is_part) continue;
            const std::string name = UnquoteIdentifier(tokens[i].text);
            if (const std::string value = ValueOf(name); !value.empty())
                rewriter_.Replace(i, value);
        }
    }

    // function.parameter at token `i`.
    bool ReplaceQualified(size_t i) {
        const std::vector<Token>& tokens = rewriter_.tokens();
        const bool is_qualified = i + 3 < tokens.size() && IsSymbol(tokens[i + 1], ".") &&
                                  tokens[i + 2].kind != TokenKind::kSymbol &&
                                  !IsSymbol(tokens[i - 1], ".") && !IsSymbol(tokens[i + 3], ".") &&
                                  !IsSymbol(tokens[i + 3], "(") &&
                                  EqualsIgnoreCase(UnquoteIdentifier(tokens[i].text), function_);
        if (!is_qualified) return false;
        const std::string value = ValueOf(UnquoteIdentifier(tokens[i + 2].text));
        if (value.empty()) return false;
        rewriter_.Replace(i, value);
        rewriter_.Replace(i + 1, "");
        rewriter_.Replace(i + 2, "");
        return true;
    }

    // The parameter as its type; empty for what is none.
    std::string ValueOf(const std::string& name) const {
        for (const auto& [parameter, type] : types_) {
            if (EqualsIgnoreCase(parameter, name))
                return "CAST(" + QuoteIdentifier(parameter) + " AS " + type + ")";
        }
        return {};
    }

    // Up to RETURN; RETURNS stays to be made a cast.
    void ReadClauses() {
        while (!cursor_.AtEnd() && !cursor_.AtWord("RETURN")) {
            const size_t first = cursor_.index();
            if (cursor_.AcceptWord("RETURNS")) {
                ReadResult(first);
                continue;
            }
            if (cursor_.AcceptWord("LANGUAGE")) {
                if (!cursor_.AtWord("SQL")) {
                    throw Error(ErrorKind::kUnsupported,
                                "functions are written in SQL: LANGUAGE {} is not supported",
                                cursor_.Peek().text)
                        .At(SpotOf(cursor_.Peek().position));
                }
                cursor_.Next();
            } else if (cursor_.AcceptWord("COMMENT")) {
                cursor_.ExpectString("the text of the comment");
            } else if (!cursor_.AcceptWords({"NOT", "DETERMINISTIC"}) &&
                       !cursor_.AcceptWord("DETERMINISTIC") &&
                       !cursor_.AcceptWords({"CONTAINS", "SQL"}) &&
                       !cursor_.AcceptWords({"READS", "SQL", "DATA"})) {
                cursor_.FailExpected("RETURNS, LANGUAGE, DETERMINISTIC, COMMENT or RETURN");
            }
            rewriter_.Cut(first, cursor_.index());
        }
    }

    // RETURNS TABLE (a type, ...) | RETURNS type: tokens that are cut, or put behind the body.
    void ReadResult(size_t first) {
        if (cursor_.AcceptWord("TABLE")) {
            is_table_ = true;
            if (cursor_.AtSymbol("(")) ReadResultColumns();
            rewriter_.Cut(first, cursor_.index());
            return;
        }
        result_ = ReadColumnType(cursor_).first;
        rewriter_.Cut(first, cursor_.index());
    }

    // (name type [COMMENT '...'], ...)
    void ReadResultColumns() {
        cursor_.Next();
        do {
            std::string name = cursor_.ExpectName("a column of the result");
            columns_.emplace_back(std::move(name), ReadColumnType(cursor_).first);
            if (cursor_.AcceptWord("COMMENT")) cursor_.ExpectString("the text of the comment");
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
    }

    // The query's columns get the names and types that RETURNS TABLE says.
    void WriteTable(size_t at, size_t last) {
        if (columns_.empty()) return rewriter_.Replace(at, "AS TABLE");
        std::vector<std::string> names;
        std::vector<std::string> casts;
        for (const auto& [name, type] : columns_) {
            names.push_back(QuoteIdentifier(name));
            casts.push_back(fmt::format("CAST(returned.{0} AS {1}) AS {0}", names.back(), type));
        }
        rewriter_.Replace(at, "AS TABLE SELECT " + Join(casts, ", ") + " FROM (");
        rewriter_.InsertBehind(last, ") AS returned(" + Join(names, ", ") + ")", at);
    }

    void ReadBody() {
        const size_t at = cursor_.index();
        cursor_.ExpectWord("RETURN");
        if (cursor_.AtEnd()) cursor_.FailExpected("what the function returns");
        CastParameters(at + 1);
        const size_t last = rewriter_.tokens().size() - 2;
        if (is_table_) return WriteTable(at, last);
        if (result_.empty()) return rewriter_.Replace(at, "AS");
        const bool is_query = cursor_.AtWord("SELECT") || cursor_.AtWord("WITH");
        rewriter_.Replace(at, is_query ? "AS CAST((" : "AS CAST(");
        rewriter_.InsertBehind(last, std::string(is_query ? ")" : "") + " AS " + result_ + ")", at);
    }

    TokenCursor& cursor_;
    StatementRewriter& rewriter_;
    std::vector<std::pair<std::string, std::string>> types_;    // of the parameters, in order
    std::vector<std::pair<std::string, std::string>> columns_;  // of the result
    std::string function_;
    bool is_table_ = false;
    std::string result_;
};

}  // namespace

void RewriteCreateFunction(TokenCursor& cursor, StatementRewriter& rewriter) {
    FunctionRewriter(cursor, rewriter).Rewrite();
}

}  // namespace tarn::sql
