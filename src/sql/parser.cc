#include "sql/parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "sql/alter_entry.h"
#include "sql/alter_table.h"
#include "sql/assignment_targets.h"
#include "sql/collation.h"
#include "sql/column_clauses.h"
#include "sql/create_function.h"
#include "sql/create_table.h"
#include "sql/dialect_translation.h"
#include "sql/file_view.h"
#include "sql/insert_clauses.h"
#include "sql/keywords.h"
#include "sql/known_statements.h"
#include "sql/merge_stars.h"
#include "sql/quote.h"
#include "sql/schema_evolution.h"
#include "sql/script_block.h"
#include "sql/session_statements.h"
#include "sql/show_statements.h"
#include "sql/statement_class.h"
#include "sql/statement_rewriter.h"
#include "sql/statement_spellings.h"
#include "sql/streaming_table.h"
#include "sql/time_travel.h"
#include "sql/token_cursor.h"
#include "sql/upkeep_statements.h"

namespace tarn::sql {

namespace {

constexpr std::array<std::string_view, 6> kBuiltInExtensions = {"delta",   "iceberg", "httpfs",
                                                                "parquet", "json",    "icu"};

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
    QualifiedName table = ExpectTableOrFolder(cursor);
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

// EXPLAIN [ANALYZE] [(options)], in front of the statement that is explained.
void SkipExplain(TokenCursor& cursor) {
    cursor.Next();
    for (const char* word : {"ANALYZE", "FORMATTED", "EXTENDED", "CODEGEN", "COST", "LOGICAL"})
        cursor.AcceptWord(word);
    const bool is_query = IsWord(cursor.Peek(1), "SELECT") || IsWord(cursor.Peek(1), "FROM") ||
                          IsWord(cursor.Peek(1), "WITH") || IsWord(cursor.Peek(1), "VALUES");
    if (cursor.AtSymbol("(") && !is_query) cursor.SkipGroup();
}

// `at`: where the explained statement begins.
ParsedStatement Explained(ParsedStatement statement, bool analyzes, const TextPosition& at) {
    if (std::holds_alternative<KnownButUnsupported>(statement)) return statement;
    if (analyzes) {
        return KnownButUnsupported{"EXPLAIN ANALYZE of a statement that tends a table",
                                   "run the statement: its answer says what it did", at};
    }
    if (auto* convert = std::get_if<ConvertTable>(&statement))
        return ExplainUpkeep{std::move(*convert)};
    return ExplainUpkeep{std::get<UpkeepStatement>(std::move(statement))};
}

// The engine takes a NUL for the end of its text and would run a part of the statement.
void RefuseNul(const Statement& statement) {
    const size_t at = statement.text.find('\0');
    if (at == std::string::npos) return;
    const std::string_view before = std::string_view(statement.text).substr(0, at);
    throw Error(ErrorKind::kInvalidInput, "a statement may not hold a NUL byte")
        .At(SpotOf(After(statement.position(), before)));
}

class EngineStatementParser {
public:
    EngineStatementParser(const Statement& statement, const TokenCursor& cursor,
                          const std::vector<Token>& tokens, const SourceMap* earlier)
        : begin_(tokens), cursor_(cursor), rewriter_(statement, tokens), earlier_(earlier) {}

    // The cursor stands at the statement, or at the one that EXPLAIN explains.
    ParsedStatement Parse(StatementClass statement_class) {
        const StatementClass inner = Classify(cursor_);
        if (statement_class == StatementClass::kExplain) CutExplainMode(begin_, rewriter_);
        std::optional<QualifiedName> replaces = RewriteSpelling(cursor_, rewriter_);
        if (inner == StatementClass::kCreateTable) {
            if (auto bare = ReadTable()) return *std::move(bare);
        } else if (inner == StatementClass::kCreateSchema) {
            ReadSchema();
        } else if (inner == StatementClass::kCreateView) {
            ReadView();
        } else if (inner == StatementClass::kOther) {
            ReadFunction();
        }
        const size_t first = cursor_.index();
        const bool evolves_schema = CutSchemaEvolution(cursor_, rewriter_);
        if (inner == StatementClass::kUpdate || inner == StatementClass::kMerge)
            RewriteAssignmentTargets(rewriter_, first);
        if (inner == StatementClass::kInsert) insert_ = ReadInsertClauses(cursor_, rewriter_);
        // A CREATE TABLE is read up to its query.
        RewriteTimeTravel(rewriter_, cursor_.index());
        if (inner == StatementClass::kMerge) RewriteMergeStars(rewriter_, cursor_.index());
        RewriteFolderScans();
        RewriteSystemTables();
        RewriteNames();
        Rewritten rewritten = rewriter_.Build();
        if (earlier_ != nullptr) rewritten.source_map = rewritten.source_map.After(*earlier_);
        return EngineStatement{
            statement_class,     std::move(rewritten.text), std::move(rewritten.source_map),
            std::move(clauses_), std::move(insert_),        evolves_schema,
            std::move(entry_),   std::move(replaces)};
    }

private:
    // Of a table without columns and query, all of it.
    std::optional<CreateBareTable> ReadTable() {
        CreateBareTable bare;
        bare.or_replace = cursor_.AtWord("REPLACE");
        cursor_.Next();
        if (cursor_.AcceptWords({"OR", "REPLACE"})) bare.or_replace = true;
        const TextPosition at = cursor_.Peek().position;
        const bool is_temporary = cursor_.AcceptWord("TEMP") || cursor_.AcceptWord("TEMPORARY");
        const bool is_external = cursor_.AcceptWord("EXTERNAL");
        if (is_external) rewriter_.Cut(cursor_.index() - 1, cursor_.index());
        cursor_.ExpectWord("TABLE");
        bare.if_not_exists = cursor_.AtWords({"IF", "NOT", "EXISTS"});
        CreateTable create = ReadCreateTable(cursor_, rewriter_, is_temporary);
        if (is_temporary && create.clauses.HasAny()) {
            throw Error(ErrorKind::kInvalidInput,
                        "a temporary table is no table of the lakehouse: it takes no USING, "
                        "PARTITIONED BY, CLUSTER BY, LOCATION, COMMENT or TBLPROPERTIES")
                .At(SpotOf(at));
        }
        if (is_external && !create.clauses.location) {
            throw Error(ErrorKind::kInvalidInput,
                        "an external table lies where its LOCATION says: add one, or leave "
                        "EXTERNAL out")
                .At(SpotOf(at));
        }
        if (!is_temporary && create.is_bare) {
            bare.clauses = std::move(create.clauses);
            bare.like = std::move(create.like);
            return bare;
        }
        clauses_ = std::move(create.clauses);
        return std::nullopt;
    }

    // CREATE SCHEMA | DATABASE [IF NOT EXISTS] name [COMMENT '...'] [WITH DBPROPERTIES (...)]
    void ReadSchema() {
        cursor_.Next();
        cursor_.AcceptWords({"OR", "REPLACE"});
        if (cursor_.AtWord("DATABASE")) rewriter_.Replace(cursor_.index(), "SCHEMA");
        cursor_.Next();
        cursor_.AcceptWords({"IF", "NOT", "EXISTS"});
        if (!cursor_.AtName()) return;
        cursor_.ExpectQualifiedName("a name for the schema");
        while (!cursor_.AtEnd()) {
            const size_t first = cursor_.index();
            if (!ReadComment()) {
                if (cursor_.AcceptWords({"WITH", "DBPROPERTIES"})) {
                    entry_.properties = ReadProperties(cursor_);
                } else if (!ReadCollation()) {
                    return;
                }
            }
            rewriter_.Cut(first, cursor_.index());
        }
    }

    // DEFAULT COLLATION UTF8_BINARY
    bool ReadCollation() {
        if (!cursor_.AcceptWords({"DEFAULT", "COLLATION"})) return false;
        const TextPosition at = cursor_.Peek().position;
        CheckCollation(cursor_.ExpectName("a collation"), at);
        return true;
    }

    bool ReadComment() {
        if (!cursor_.AtWord("COMMENT") || cursor_.Peek(1).kind != TokenKind::kString) return false;
        cursor_.Next();
        entry_.comment = cursor_.ExpectString("the text of the comment");
        return true;
    }

    // CREATE VIEW name [(column [COMMENT '...'], ...)] [COMMENT '...'] [TBLPROPERTIES (...)] AS
    void ReadView() {
        while (!cursor_.AtEnd() && !cursor_.AtWord("AS")) {
            const size_t first = cursor_.index();
            if (cursor_.AtSymbol("(")) {
                CutColumnComments();
            } else if (ReadComment() || SkipViewClause()) {
                rewriter_.Cut(first, cursor_.index());
            } else {
                cursor_.Next();
            }
        }
    }

    bool SkipViewClause() {
        if (cursor_.AcceptWord("TBLPROPERTIES")) {
            entry_.properties = ReadProperties(cursor_);
            return true;
        }
        if (ReadCollation()) return true;
        if (!cursor_.AcceptWords({"WITH", "SCHEMA"})) return false;
        cursor_.Next();  // BINDING, COMPENSATION, EVOLUTION
        if (cursor_.AtWord("EVOLUTION")) cursor_.Next();
        return true;
    }

    void CutColumnComments() {
        const size_t first = cursor_.index();
        cursor_.SkipGroup();
        const size_t end = cursor_.index();
        for (size_t i = first; i + 1 < end; ++i) {
            const std::vector<Token>& tokens = rewriter_.tokens();
            if (IsWord(tokens[i], "COMMENT") && tokens[i + 1].kind == TokenKind::kString)
                rewriter_.Cut(i, i + 2);
        }
    }

    void ReadFunction() {
        TokenCursor cursor = cursor_;
        if (!cursor.AcceptWord("CREATE")) return;
        cursor.AcceptWords({"OR", "REPLACE"});
        if (!cursor.AcceptWord("TEMP")) cursor.AcceptWord("TEMPORARY");
        if (cursor.AcceptWord("FUNCTION")) RewriteCreateFunction(cursor, rewriter_);
    }

    // delta_scan('/folder'), as DuckDB's own extension names a table by its folder.
    void RewriteFolderScans() {
        const std::vector<Token>& tokens = rewriter_.tokens();
        for (size_t i = 0; i + 3 < tokens.size(); ++i) {
            const bool is_scan = IsWord(tokens[i], "DELTA_SCAN") && IsSymbol(tokens[i + 1], "(") &&
                                 tokens[i + 2].kind == TokenKind::kString &&
                                 IsSymbol(tokens[i + 3], ")");
            if (!is_scan) continue;
            rewriter_.Replace(i, "delta." + QuoteIdentifier(UnquoteLiteral(tokens[i + 2].text)));
            rewriter_.Cut(i + 1, i + 4);
        }
    }

    // system.query_history and system.query.history, as Databricks names ops.queries.
    void RewriteSystemTables() {
        const std::vector<Token>& tokens = rewriter_.tokens();
        for (size_t i = 0; i + 2 < tokens.size(); ++i) {
            if (!IsWord(tokens[i], "SYSTEM") || !IsSymbol(tokens[i + 1], ".")) continue;
            const bool is_short = IsWord(tokens[i + 2], "QUERY_HISTORY");
            const bool is_long = i + 4 < tokens.size() && IsWord(tokens[i + 2], "QUERY") &&
                                 IsSymbol(tokens[i + 3], ".") && IsWord(tokens[i + 4], "HISTORY");
            if (!is_short && !is_long) continue;
            const Token& behind = tokens[i + (is_long ? 5 : 3)];
            const bool is_part = i > 0 && IsSymbol(tokens[i - 1], ".");
            if (is_part || IsSymbol(behind, ".") || IsSymbol(behind, "(")) continue;
            rewriter_.Replace(i, "ops");
            rewriter_.Replace(i + 2, "queries");
            if (is_long) {
                rewriter_.Replace(i + 3, "");
                rewriter_.Replace(i + 4, "");
            }
        }
    }

    // What stands in backticks, and default.t, whose first word the engine's grammar keeps.
    void RewriteNames() {
        const std::vector<Token>& tokens = rewriter_.tokens();
        for (size_t i = 0; i < tokens.size(); ++i) {
            const bool is_backtick =
                tokens[i].kind == TokenKind::kQuotedIdentifier && tokens[i].text.front() == '`';
            const bool is_schema = tokens[i].kind == TokenKind::kIdentifier &&
                                   IsReservedForTables(tokens[i].text) &&
                                   IsSymbol(tokens[i + 1], ".");
            if ((is_backtick || is_schema) && !rewriter_.IsEdited(i)) {
                rewriter_.Replace(i, QuoteIdentifier(UnquoteIdentifier(tokens[i].text)));
            }
        }
    }

    const TokenCursor begin_;
    TokenCursor cursor_;
    StatementRewriter rewriter_;
    const SourceMap* earlier_;
    std::optional<TableClauses> clauses_;
    std::optional<InsertClauses> insert_;
    EntryClauses entry_;
};

// `earlier` leads from the statement's text to the user's, where that is another one.
ParsedStatement ParseOurs(const Statement& statement, const std::vector<Token>& tokens,
                          Dialect dialect, const SourceMap* earlier) {
    TokenCursor cursor(tokens);
    if (cursor.AtEnd()) cursor.FailExpected("a statement");
    auto other = SpellStreamingTable(statement, tokens);
    if (!other) other = SpellFileView(statement, tokens);
    if (other) {
        if (earlier != nullptr) other->source_map = other->source_map.After(*earlier);
        const Statement ours{other->text};
        std::vector<Token> respelled = Lex(ours);
        for (Token& token : respelled) token.position = other->source_map.Locate(token.begin);
        return ParseOurs(ours, respelled, dialect, &other->source_map);
    }
    if (auto describe = ReadDescribe(cursor)) return *std::move(describe);
    if (auto upkeep = ReadUpkeep(cursor)) return *std::move(upkeep);
    if (auto load = ReadLoadExtension(cursor)) return *std::move(load);
    if (auto show = ReadShow(cursor, dialect)) return *std::move(show);
    if (auto nothing = ReadNothingToDo(cursor)) return *std::move(nothing);
    if (auto setting = ReadSparkSetting(cursor)) return *std::move(setting);
    const StatementClass statement_class = Classify(cursor);
    if (statement_class == StatementClass::kExplain) {
        const bool analyzes = IsWord(cursor.Peek(1), "ANALYZE");
        SkipExplain(cursor);
        if (auto upkeep = ReadUpkeep(cursor))
            return Explained(*std::move(upkeep), analyzes, cursor.Peek().position);
    }
    if (auto known = FindKnownButUnsupported(tokens, cursor.index())) return *std::move(known);
    if (auto alter = ReadAlterEntry(cursor)) return *std::move(alter);
    ParsedStatement parsed =
        EngineStatementParser(statement, cursor, tokens, earlier).Parse(statement_class);
    if (statement_class != StatementClass::kAlter) return parsed;
    if (auto alter = ReadAlterTable(cursor, std::get<EngineStatement>(parsed)))
        return *std::move(alter);
    return parsed;
}

// CREATE VIEW name [(columns)] ... AS query, as the user wrote these.
void KeepQuery(const Statement& statement, Dialect dialect, EntryClauses& entry) {
    const std::vector<Token> tokens = Lex(statement, dialect);
    const auto text = [&](size_t first, size_t end) {
        const size_t begin = tokens[first].begin;
        return statement.text.substr(begin, tokens[end - 1].end() - begin);
    };
    TokenCursor cursor(tokens);
    while (!cursor.AtEnd() && !cursor.AcceptWord("VIEW")) cursor.Next();
    cursor.AcceptWords({"IF", "NOT", "EXISTS"});
    if (!cursor.AtName()) return;
    cursor.ExpectQualifiedName("a view");
    const size_t columns = cursor.index();
    if (cursor.AtSymbol("(")) {
        cursor.SkipGroup();
        entry.columns = text(columns, cursor.index());
    }
    while (!cursor.AtEnd() && !cursor.AtWord("AS")) cursor.SkipGroup();
    if (cursor.AcceptWord("AS") && !cursor.AtEnd())
        entry.query = text(cursor.index(), tokens.size() - 1);
}

// BEGIN ... END with statements within.
std::optional<KnownButUnsupported> FindScript(const std::vector<Token>& tokens) {
    ScriptBlock block;
    for (const Token& token : tokens) {
        const bool is_plain =
            token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kSymbol;
        block.Note(is_plain ? token.text : std::string_view());
        if (!block.MayBeScript()) return std::nullopt;
        if (!block.IsScript()) continue;
        return KnownButUnsupported{
            "a script (BEGIN ... END)",
            "send its statements one by one, with variables of the session (DECLARE, SET VAR); "
            "what it decides and repeats belongs into the program that sends them, or into a "
            "macro of tarn build",
            tokens.front().position};
    }
    return std::nullopt;
}

// `tokens` are those of the statement in its own dialect.
ParsedStatement ParseTokens(const Statement& statement, std::vector<Token> tokens,
                            Dialect dialect) {
    if (auto script = FindScript(tokens)) return *std::move(script);
    const auto translated = Translate(statement, tokens, dialect);
    if (!translated) {
        if (dialect != Dialect::kTarn) tokens = Lex(statement);
        return ParseOurs(statement, tokens, dialect, nullptr);
    }
    const Statement ours{translated->text};
    tokens = Lex(ours);
    for (Token& token : tokens) token.position = translated->source_map.Locate(token.begin);
    return ParseOurs(ours, tokens, dialect, &translated->source_map);
}

}  // namespace

std::span<const std::string_view> BuiltInExtensions() { return kBuiltInExtensions; }

ParsedStatement Parse(const Statement& statement, Dialect dialect) {
    RefuseNul(statement);
    ParsedStatement parsed = ParseTokens(statement, Lex(statement, dialect), dialect);
    auto* const engine = std::get_if<EngineStatement>(&parsed);
    const bool makes_view =
        engine != nullptr &&
        (engine->statement_class == StatementClass::kCreateView ||
         (engine->statement_class == StatementClass::kAlter && engine->replaces));
    if (!makes_view) return parsed;
    KeepQuery(statement, dialect, engine->entry);
    engine->entry.keeps_rest = engine->statement_class == StatementClass::kAlter;
    return parsed;
}

}  // namespace tarn::sql
