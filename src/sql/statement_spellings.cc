#include "sql/statement_spellings.h"

#include <string>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::sql {
namespace {

constexpr std::string_view kPlanModes[] = {"FORMATTED", "EXTENDED", "CODEGEN", "COST", "LOGICAL"};

class Speller {
public:
    Speller(const TokenCursor& cursor, StatementRewriter& rewriter)
        : cursor_(cursor), rewriter_(rewriter) {}

    std::optional<QualifiedName> Spell() {
        if (cursor_.AcceptWord("USE")) return SpellUse(), std::nullopt;
        if (cursor_.AcceptWord("DROP")) return SpellDrop(), std::nullopt;
        if (cursor_.AtWord("DESCRIBE") || cursor_.AtWord("DESC"))
            return SpellDescribe(), std::nullopt;
        if (cursor_.AtWord("CACHE")) return SpellCache(), std::nullopt;
        if (cursor_.AtWords({"REPLACE", "TABLE"})) return SpellReplaceTable();
        if (cursor_.AtWords({"INSERT", "OVERWRITE"})) return SpellDirectory(), std::nullopt;
        if (cursor_.AtWords({"SET", "CATALOG"})) return SpellSetCatalog(), std::nullopt;
        if (cursor_.AtWords({"SET", "TIME", "ZONE"})) return SpellTimeZone(), std::nullopt;
        if (cursor_.AtWords({"SHOW", "CURRENT"})) return SpellCurrent(), std::nullopt;
        return SpellAlter();
    }

private:
    bool AtAnyName(size_t ahead) const {
        const TokenKind kind = cursor_.Peek(ahead).kind;
        return kind == TokenKind::kIdentifier || kind == TokenKind::kQuotedIdentifier;
    }

    // USE SCHEMA | DATABASE | NAMESPACE | CATALOG name; a schema may be called so itself.
    void SpellUse() {
        for (const char* kind : {"SCHEMA", "DATABASE", "NAMESPACE", "CATALOG"}) {
            if (!cursor_.AtWord(kind) || !AtAnyName(1)) continue;
            rewriter_.Cut(cursor_.index(), cursor_.index() + 1);
            cursor_.Next();
            break;
        }
        QuoteDefault();
    }

    // SET CATALOG name
    void SpellSetCatalog() {
        if (!AtAnyName(2)) return;
        rewriter_.Replace(cursor_.index(), "USE");
        rewriter_.Cut(cursor_.index() + 1, cursor_.index() + 2);
    }

    // SHOW CURRENT SCHEMA | DATABASE | NAMESPACE | CATALOG: a query for their names.
    void SpellCurrent() {
        const size_t first = cursor_.index();
        cursor_.MoveTo(first + 2);
        const bool is_catalog = cursor_.AcceptWord("CATALOG");
        const bool is_schema = cursor_.AcceptWord("SCHEMA") || cursor_.AcceptWord("DATABASE") ||
                               cursor_.AcceptWord("NAMESPACE");
        if (!is_catalog && !is_schema) cursor_.FailExpected("SCHEMA, DATABASE or CATALOG");
        if (!cursor_.AtEnd()) cursor_.FailExpected("the end of the statement");
        rewriter_.Replace(
            first, is_catalog
                       ? "SELECT current_database() AS catalog"
                       : "SELECT current_database() AS catalog, CASE WHEN current_schema() = "
                         "'main' AND current_setting('dialect') = 'spark' THEN 'default' ELSE "
                         "current_schema() END AS namespace");
        rewriter_.Cut(first + 1, cursor_.index());
    }

    // SET TIME ZONE LOCAL, which is UTC here as on any server of Spark's, and SET TIME ZONE
    // INTERVAL n HOURS, by the zone of that distance (whose name counts to the west).
    void SpellTimeZone() {
        cursor_.MoveTo(cursor_.index() + 3);
        const size_t first = cursor_.index();
        if (cursor_.AtWord("LOCAL")) return rewriter_.Replace(first, "'UTC'");
        if (!cursor_.AcceptWord("INTERVAL")) return;
        const bool is_west = cursor_.AcceptSymbol("-");
        const auto hours =
            ParseInt(cursor_.Peek().kind == TokenKind::kString ? UnquoteLiteral(cursor_.Peek().text)
                                                               : cursor_.Peek().text);
        cursor_.Next();
        if (!hours || (!cursor_.AcceptWord("HOURS") && !cursor_.AcceptWord("HOUR"))) return;
        rewriter_.Replace(first, fmt::format("'Etc/GMT{}{}'", is_west ? "+" : "-", *hours));
        rewriter_.Cut(first + 1, cursor_.index());
    }

    // The engine's grammar keeps the name of the first schema for itself.
    void QuoteDefault() {
        if (cursor_.AtWord("DEFAULT")) rewriter_.Replace(cursor_.index(), "\"default\"");
    }

    // DROP DATABASE, DROP TEMPORARY FUNCTION, DROP TABLE name PURGE
    void SpellDrop() {
        if (cursor_.AtWord("DATABASE") && AtAnyName(1))
            rewriter_.Replace(cursor_.index(), "SCHEMA");
        if (cursor_.AtWords({"TEMPORARY", "FUNCTION"}) || cursor_.AtWords({"TEMP", "FUNCTION"})) {
            rewriter_.Cut(cursor_.index(), cursor_.index() + 1);
            cursor_.Next();
        }
        const bool is_table = cursor_.AtWord("TABLE");
        cursor_.Next();
        cursor_.AcceptWords({"IF", "EXISTS"});
        QuoteDefault();
        if (!is_table || !cursor_.AtName()) return;
        cursor_.ExpectQualifiedName("a table");
        if (cursor_.AtWord("PURGE")) rewriter_.Cut(cursor_.index(), cursor_.index() + 1);
    }

    // DESCRIBE QUERY query
    void SpellDescribe() {
        const Token& behind = cursor_.Peek(2);
        const bool begins_query = IsWord(behind, "SELECT") || IsWord(behind, "WITH") ||
                                  IsWord(behind, "VALUES") || IsWord(behind, "FROM") ||
                                  IsWord(behind, "TABLE") || IsSymbol(behind, "(");
        if (IsWord(cursor_.Peek(1), "QUERY") && begins_query)
            rewriter_.Cut(cursor_.index() + 1, cursor_.index() + 2);
    }

    // CACHE [LAZY] TABLE name [OPTIONS (..)] [AS] query: a view of that name.
    void SpellCache() {
        const size_t first = cursor_.index();
        cursor_.Next();
        cursor_.AcceptWord("LAZY");
        if (!cursor_.AcceptWord("TABLE") || !cursor_.AtName()) return;
        rewriter_.Replace(first, "CREATE OR REPLACE TEMPORARY VIEW ");
        rewriter_.Cut(first + 1, cursor_.index());
        cursor_.ExpectQualifiedName("a table");
        const size_t options = cursor_.index();
        if (cursor_.AcceptWord("OPTIONS")) {
            cursor_.SkipGroup();
            rewriter_.Cut(options, cursor_.index());
        }
        if (!cursor_.AtWord("AS")) rewriter_.InsertBefore(cursor_.index(), "AS ");
    }

    // INSERT OVERWRITE [LOCAL] DIRECTORY 'folder' USING format query: files in the folder's place.
    void SpellDirectory() {
        const size_t first = cursor_.index();
        cursor_.MoveTo(first + 2);
        cursor_.AcceptWord("LOCAL");
        if (!cursor_.AcceptWord("DIRECTORY") || cursor_.Peek().kind != TokenKind::kString) return;
        const std::string folder = cursor_.ExpectString("a folder in quotes");
        cursor_.ExpectWord("USING");
        const TextPosition at = cursor_.Peek().position;
        const std::string format = AsciiLower(cursor_.ExpectName("a format: PARQUET, CSV or JSON"));
        if (format != "parquet" && format != "csv" && format != "json") {
            throw Error(ErrorKind::kUnsupported,
                        "files of the format {} are not written: use PARQUET, CSV or JSON, or "
                        "CREATE TABLE ... LOCATION",
                        format)
                .At(SpotOf(at));
        }
        rewriter_.Replace(first, "COPY (");
        rewriter_.Cut(first + 1, cursor_.index());
        const size_t last = cursor_.tokens().size() - 2;
        rewriter_.InsertBehind(last,
                               ") TO " + QuoteLiteral(folder) + " (FORMAT " + format +
                                   ", PER_THREAD_OUTPUT true, OVERWRITE true)",
                               first);
    }

    // REPLACE TABLE name ...
    QualifiedName SpellReplaceTable() {
        rewriter_.Replace(cursor_.index(), "CREATE OR REPLACE");
        cursor_.MoveTo(cursor_.index() + 2);
        return cursor_.ExpectQualifiedName("a table name");
    }

    // ALTER VIEW name AS query; ALTER TABLE | VIEW name RENAME TO schema.name
    std::optional<QualifiedName> SpellAlter() {
        const size_t first = cursor_.index();
        const bool is_view = cursor_.AtWords({"ALTER", "VIEW"});
        if (!is_view && !cursor_.AtWords({"ALTER", "TABLE"})) return std::nullopt;
        cursor_.MoveTo(first + 2);
        cursor_.AcceptWords({"IF", "EXISTS"});
        if (!cursor_.AtName()) return std::nullopt;
        const size_t name_begin = cursor_.index();
        QualifiedName name = cursor_.ExpectQualifiedName("a name");
        if (cursor_.AcceptWords({"RENAME", "TO"})) {
            KeepSchema(name, name_begin);
            return std::nullopt;
        }
        if (!is_view || !cursor_.AcceptWord("AS")) return std::nullopt;
        rewriter_.Replace(first, "CREATE OR REPLACE");
        return name;
    }

    // The engine takes the bare new name: what stands before it must be the old one's schema.
    void KeepSchema(const QualifiedName& name, size_t name_begin) {
        const size_t first = cursor_.index();
        const QualifiedName renamed = cursor_.ExpectQualifiedName("the new name");
        if (renamed.parts.size() < 2) return;
        const std::string schema = renamed.parts[renamed.parts.size() - 2];
        if (name.parts.size() > 1 && !EqualsIgnoreCase(name.parts[name.parts.size() - 2], schema)) {
            throw Error(ErrorKind::kInvalidInput,
                        "RENAME TO gives a new name within the schema: it cannot move {} to {}",
                        name.ToSql(), schema)
                .At(SpotOf(renamed.position));
        }
        rewriter_.Cut(first, cursor_.index() - 1);
        if (name.parts.size() == 1)
            rewriter_.InsertBefore(name_begin, QuoteIdentifier(schema) + ".");
    }

    TokenCursor cursor_;
    StatementRewriter& rewriter_;
};

}  // namespace

std::optional<QualifiedName> RewriteSpelling(TokenCursor cursor, StatementRewriter& rewriter) {
    return Speller(cursor, rewriter).Spell();
}

void CutExplainMode(TokenCursor cursor, StatementRewriter& rewriter) {
    cursor.AcceptWord("EXPLAIN");
    cursor.AcceptWord("ANALYZE");
    for (const std::string_view mode : kPlanModes) {
        if (!cursor.AtWord(mode)) continue;
        rewriter.Cut(cursor.index(), cursor.index() + 1);
        return;
    }
}

}  // namespace tarn::sql
