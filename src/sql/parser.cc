#include "sql/parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "sql/create_table.h"
#include "sql/quote.h"
#include "sql/statement_rewriter.h"
#include "sql/time_travel.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

namespace {

struct Head {
    std::array<std::string_view, 3> words;  // the first words, in capitals; unused ones empty
    StatementClass statement_class;
};

// What the engine's statements begin with. The first row that fits decides.
constexpr std::array kHeads = {
    Head{{"SELECT"}, StatementClass::kQuery},
    Head{{"WITH"}, StatementClass::kQuery},
    Head{{"FROM"}, StatementClass::kQuery},
    Head{{"VALUES"}, StatementClass::kQuery},
    Head{{"TABLE"}, StatementClass::kQuery},
    Head{{"PIVOT"}, StatementClass::kQuery},
    Head{{"UNPIVOT"}, StatementClass::kQuery},
    Head{{"INSERT"}, StatementClass::kInsert},
    Head{{"UPDATE"}, StatementClass::kUpdate},
    Head{{"DELETE"}, StatementClass::kDelete},
    Head{{"TRUNCATE"}, StatementClass::kDelete},
    Head{{"MERGE"}, StatementClass::kMerge},
    Head{{"DROP"}, StatementClass::kDrop},
    Head{{"ALTER"}, StatementClass::kAlter},
    Head{{"COMMENT", "ON"}, StatementClass::kAlter},
    Head{{"COPY"}, StatementClass::kCopy},
    Head{{"SET"}, StatementClass::kSet},
    Head{{"RESET"}, StatementClass::kSet},
    Head{{"PRAGMA"}, StatementClass::kSet},
    Head{{"BEGIN"}, StatementClass::kBegin},
    Head{{"START", "TRANSACTION"}, StatementClass::kBegin},
    Head{{"COMMIT"}, StatementClass::kCommit},
    Head{{"END"}, StatementClass::kCommit},
    Head{{"ROLLBACK"}, StatementClass::kRollback},
    Head{{"ABORT"}, StatementClass::kRollback},
    Head{{"DESCRIBE"}, StatementClass::kDescribe},
    Head{{"DESC"}, StatementClass::kDescribe},
    Head{{"SUMMARIZE"}, StatementClass::kDescribe},
    Head{{"SHOW"}, StatementClass::kShow},
    Head{{"USE"}, StatementClass::kUse},
};

struct LaterStatement {
    std::array<std::string_view, 3> words;
    std::string_view name;
    std::string_view remedy;
};

// Statements of the lakehouse that the parser knows and Tarn does not run yet.
constexpr std::array kLater = {
    LaterStatement{{"OPTIMIZE"}, "OPTIMIZE", ""},
    LaterStatement{{"VACUUM"}, "VACUUM", ""},
    LaterStatement{
        {"CHECKPOINT"}, "CHECKPOINT", "a checkpoint is written by itself every 10 commits"},
    LaterStatement{{"RESTORE"}, "RESTORE", "read the older version with VERSION AS OF"},
    LaterStatement{{"CONVERT", "TO"},
                   "CONVERT TO DELTA",
                   "CREATE TABLE ... AS SELECT * FROM read_parquet(...)"},
    LaterStatement{{"FSCK"}, "FSCK REPAIR TABLE", ""},
    LaterStatement{{"MSCK"}, "MSCK REPAIR TABLE", ""},
    LaterStatement{{"REORG"}, "REORG TABLE", ""},
    LaterStatement{{"GENERATE"}, "GENERATE", ""},
    LaterStatement{{"UNDROP"}, "UNDROP", ""},
    LaterStatement{{"GRANT"}, "GRANT", ""},
    LaterStatement{{"REVOKE"}, "REVOKE", ""},
    LaterStatement{{"DENY"}, "DENY", ""},
    LaterStatement{{"REFRESH"}, "REFRESH", ""},
    LaterStatement{{"CACHE", "TABLE"}, "CACHE TABLE", ""},
    LaterStatement{{"UNCACHE", "TABLE"}, "UNCACHE TABLE", ""},
    LaterStatement{{"CREATE", "MATERIALIZED", "VIEW"},
                   "CREATE MATERIALIZED VIEW",
                   "CREATE TABLE ... AS SELECT"},
    LaterStatement{{"CREATE", "STREAMING", "TABLE"},
                   "CREATE STREAMING TABLE",
                   "an incremental model of `tarn build`"},
    LaterStatement{
        {"CREATE", "OR", "REFRESH"}, "CREATE OR REFRESH", "an incremental model of `tarn build`"},
    LaterStatement{{"CREATE", "FLOW"}, "CREATE FLOW", ""},
    LaterStatement{
        {"INSERT", "OVERWRITE"}, "INSERT OVERWRITE", "CREATE OR REPLACE TABLE ... AS SELECT"},
};

constexpr std::array<std::string_view, 6> kBuiltInExtensions = {"delta",   "iceberg", "httpfs",
                                                                "parquet", "json",    "icu"};

bool StartsWith(const TokenCursor& cursor, const std::array<std::string_view, 3>& words) {
    size_t ahead = 0;
    return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
        return word.empty() || IsWord(cursor.Peek(ahead++), word);
    });
}

// Nothing may follow but the end.
void ExpectEnd(const TokenCursor& cursor) {
    if (!cursor.AtEnd()) cursor.FailExpected("the end of the statement");
}

// DESCRIBE HISTORY name [LIMIT n] | DESCRIBE DETAIL name. A table may itself be called history or
// detail.
std::optional<ParsedStatement> ReadDescribe(TokenCursor cursor) {
    if (!cursor.AcceptWord("DESCRIBE") && !cursor.AcceptWord("DESC")) return std::nullopt;
    const bool is_history = cursor.AtWord("HISTORY");
    if (!is_history && !cursor.AtWord("DETAIL")) return std::nullopt;
    cursor.Next();
    if (cursor.AtEnd() || cursor.AtSymbol(".")) return std::nullopt;
    QualifiedName table = cursor.ExpectQualifiedName("a table name");
    if (!is_history) {
        ExpectEnd(cursor);
        return DescribeDetail{std::move(table)};
    }
    std::optional<int64_t> limit;
    if (cursor.AcceptWord("LIMIT")) {
        limit = ParseInt(cursor.Peek().text);
        if (!limit) cursor.FailExpected("a whole number");
        cursor.Next();
    }
    ExpectEnd(cursor);
    return DescribeHistory{std::move(table), limit};
}

// [FORCE] INSTALL name [FROM ...] | LOAD name
std::optional<ParsedStatement> ReadLoadExtension(TokenCursor cursor) {
    if (IsWord(cursor.Peek(1), "INSTALL")) cursor.AcceptWord("FORCE");
    const bool is_install = cursor.AtWord("INSTALL");
    if (!is_install && !cursor.AtWord("LOAD")) return std::nullopt;
    cursor.Next();
    const Token& named = cursor.Next();
    if (named.kind == TokenKind::kEnd) cursor.FailExpected("the name of an extension");
    const std::string name =
        AsciiLower(named.kind == TokenKind::kString ? UnquoteLiteral(named.text)
                                                    : UnquoteIdentifier(named.text));
    const bool is_built_in = std::find(kBuiltInExtensions.begin(), kBuiltInExtensions.end(),
                                       name) != kBuiltInExtensions.end();
    return LoadExtension{name, is_install, is_built_in, named.position};
}

std::optional<ParsedStatement> ReadLater(const TokenCursor& cursor) {
    for (const LaterStatement& later : kLater) {
        if (!StartsWith(cursor, later.words)) continue;
        return KnownButUnsupported{std::string(later.name), std::string(later.remedy),
                                   cursor.Peek().position};
    }
    return std::nullopt;
}

// CREATE [OR REPLACE] TABLE name [SHALLOW | DEEP] CLONE source
std::optional<KnownButUnsupported> FindClone(const TokenCursor& behind_name) {
    const bool is_deep_or_shallow = behind_name.AtWord("SHALLOW") || behind_name.AtWord("DEEP");
    const size_t at = is_deep_or_shallow ? 1 : 0;
    if (!IsWord(behind_name.Peek(at), "CLONE")) return std::nullopt;
    return KnownButUnsupported{behind_name.AtWord("SHALLOW") ? "SHALLOW CLONE" : "DEEP CLONE",
                               "CREATE TABLE ... AS SELECT * FROM the source",
                               behind_name.Peek().position};
}

class EngineStatementParser {
public:
    EngineStatementParser(const Statement& statement, const std::vector<Token>& tokens)
        : cursor_(tokens), rewriter_(statement, tokens) {}

    ParsedStatement Parse() {
        const bool is_explain = SkipExplain();
        const StatementClass inner = cursor_.AtWord("CREATE") ? ReadCreate() : ClassOfHead();
        if (clone_) return *clone_;
        RewriteTimeTravel(rewriter_);
        RewriteBackticks();
        Rewritten rewritten = rewriter_.Build();
        return EngineStatement{is_explain ? StatementClass::kExplain : inner,
                               std::move(rewritten.text), std::move(rewritten.source_map),
                               std::move(clauses_)};
    }

private:
    // EXPLAIN [ANALYZE] [(options)]
    bool SkipExplain() {
        if (!cursor_.AcceptWord("EXPLAIN")) return false;
        cursor_.AcceptWord("ANALYZE");
        if (cursor_.AtSymbol("(") && !IsWord(cursor_.Peek(1), "SELECT")) cursor_.SkipGroup();
        return true;
    }

    StatementClass ClassOfHead() const {
        if (cursor_.AtSymbol("(")) return StatementClass::kQuery;
        for (const Head& head : kHeads) {
            if (StartsWith(cursor_, head.words)) return head.statement_class;
        }
        return StatementClass::kOther;
    }

    StatementClass ReadCreate() {
        cursor_.Next();
        cursor_.AcceptWords({"OR", "REPLACE"});
        const TextPosition at = cursor_.Peek().position;
        const bool is_temporary = cursor_.AcceptWord("TEMP") || cursor_.AcceptWord("TEMPORARY");
        if (cursor_.AcceptWord("EXTERNAL")) {
            throw Error(
                ErrorKind::kUnsupported,
                "CREATE EXTERNAL TABLE is not supported; write CREATE TABLE ... LOCATION '/folder'")
                .At(SpotOf(at));
        }
        if (cursor_.AtWord("VIEW")) return StatementClass::kCreateView;
        if (cursor_.AtWord("SCHEMA")) return StatementClass::kCreateSchema;
        if (cursor_.AtWord("DATABASE")) {  // Spark's other word for it
            rewriter_.Replace(cursor_.index(), "SCHEMA");
            return StatementClass::kCreateSchema;
        }
        if (!cursor_.AcceptWord("TABLE")) return StatementClass::kOther;
        if (FindCloneAhead()) return StatementClass::kCreateTable;
        clauses_ = ReadCreateTable(cursor_, rewriter_).clauses;
        if (is_temporary && clauses_->HasAny()) {
            throw Error(ErrorKind::kInvalidInput,
                        "a temporary table is no table of the lakehouse: it takes no USING, "
                        "PARTITIONED BY, CLUSTER BY, LOCATION, COMMENT or TBLPROPERTIES")
                .At(SpotOf(at));
        }
        return StatementClass::kCreateTable;
    }

    bool FindCloneAhead() {
        TokenCursor ahead = cursor_;
        ahead.AcceptWords({"IF", "NOT", "EXISTS"});
        if (!ahead.AtName()) return false;
        ahead.ExpectQualifiedName("a table name");
        clone_ = FindClone(ahead);
        return clone_.has_value();
    }

    void RewriteBackticks() {
        const std::vector<Token>& tokens = rewriter_.tokens();
        for (size_t i = 0; i < tokens.size(); ++i) {
            const bool is_backtick =
                tokens[i].kind == TokenKind::kQuotedIdentifier && tokens[i].text.front() == '`';
            if (is_backtick && !rewriter_.IsEdited(i)) {
                rewriter_.Replace(i, QuoteIdentifier(UnquoteIdentifier(tokens[i].text)));
            }
        }
    }

    TokenCursor cursor_;
    StatementRewriter rewriter_;
    std::optional<TableClauses> clauses_;
    std::optional<KnownButUnsupported> clone_;
};

}  // namespace

ParsedStatement Parse(const Statement& statement) {
    const std::vector<Token> tokens = Lex(statement);
    const TokenCursor cursor(tokens);
    if (cursor.AtEnd()) cursor.FailExpected("a statement");
    if (auto describe = ReadDescribe(cursor)) return *std::move(describe);
    if (auto load = ReadLoadExtension(cursor)) return *std::move(load);
    if (auto later = ReadLater(cursor)) return *std::move(later);
    return EngineStatementParser(statement, tokens).Parse();
}

}  // namespace tarn::sql
