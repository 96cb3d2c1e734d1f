#include "sql/show_statements.h"

#include <string>
#include <utility>

#include "sql/column_clauses.h"
#include "sql/quote.h"
#include "sql/upkeep_statements.h"

namespace tarn::sql {
namespace {

using What = Show::What;

constexpr std::string_view kShownLater[] = {"CONNECTIONS", "CREDENTIALS", "GROUPS",     "POLICIES",
                                            "PROCEDURES",  "PROVIDERS",   "RECIPIENTS", "ROLES",
                                            "SHARES",      "USERS",       "VOLUMES"};

class Reader {
public:
    Reader(TokenCursor cursor, Dialect dialect)
        : cursor_(cursor), is_spark_(dialect == Dialect::kSpark) {}

    std::optional<ParsedStatement> Read() {
        const bool is_known = cursor_.AcceptWord("SHOW") ? ReadShown() : ReadDescribed();
        if (!is_known) return std::nullopt;
        if (!cursor_.AtEnd()) cursor_.FailExpected("the end of the statement");
        return std::move(show_);
    }

private:
    bool ReadShown() {
        if (cursor_.AcceptWord("CATALOGS")) return ReadList(What::kCatalogs);
        if (cursor_.AcceptWord("SCHEMAS")) return ReadList(What::kSchemas);
        if (cursor_.AcceptWord("VIEWS")) return ReadList(What::kViews);
        if (cursor_.AtWord("DATABASES") || cursor_.AtWord("TABLES")) {
            const bool is_tables = cursor_.AtWord("TABLES");
            cursor_.Next();
            if (cursor_.AtEnd() && !is_spark_) return false;
            return ReadList(is_tables ? What::kTables : What::kSchemas);
        }
        if (cursor_.AcceptWords({"TABLE", "EXTENDED"})) return ReadList(What::kTablesExtended);
        show_.is_of_user = cursor_.AtWords({"USER", "FUNCTIONS"});
        for (const char* kind : {"USER", "SYSTEM", "ALL"}) {
            if (cursor_.AtWords({kind, "FUNCTIONS"})) cursor_.Next();
        }
        if (cursor_.AcceptWord("FUNCTIONS")) return ReadList(What::kFunctions);
        if (cursor_.AcceptWord("COLUMNS")) return ReadColumns();
        if (cursor_.AcceptWord("PARTITIONS")) return ReadPartitions();
        if (cursor_.AcceptWord("TBLPROPERTIES")) return ReadProperties();
        if (cursor_.AcceptWords({"CREATE", "TABLE"})) {
            ReadTable(What::kCreateTable);
            cursor_.AcceptWords({"AS", "SERDE"});
            return true;
        }
        if (is_spark_) RefuseLater();
        return false;
    }

    // To the engine SHOW name is DESCRIBE name.
    void RefuseLater() const {
        for (const std::string_view kind : kShownLater) {
            if (!cursor_.AtWord(kind)) continue;
            throw Refusal(KnownButUnsupported{"SHOW " + std::string(kind), "",
                                              cursor_.tokens().front().position});
        }
    }

    // DESCRIBE [TABLE] EXTENDED | FORMATTED name; DESCRIBE SCHEMA | DATABASE [EXTENDED] name
    bool ReadDescribed() {
        if (!cursor_.AcceptWord("DESCRIBE") && !cursor_.AcceptWord("DESC")) return false;
        if (cursor_.AcceptWord("SCHEMA") || cursor_.AcceptWord("DATABASE")) {
            // A table may be called schema.
            if (cursor_.AtEnd() || cursor_.AtSymbol(".")) return false;
            show_.is_extended = cursor_.AcceptWord("EXTENDED");
            return ReadTable(What::kSchemaDetails);
        }
        if (cursor_.AtWord("CATALOG") || cursor_.AtWord("FUNCTION")) {
            const What what =
                cursor_.AtWord("CATALOG") ? What::kCatalogDetails : What::kFunctionDetails;
            cursor_.Next();
            if (cursor_.AtEnd() || cursor_.AtSymbol(".")) return false;
            cursor_.AcceptWord("EXTENDED");
            show_.what = what;
            show_.name = ExpectFunctionOrCatalog();
            return true;
        }
        if (IsWord(cursor_.Peek(1), "EXTENDED") || IsWord(cursor_.Peek(1), "FORMATTED"))
            cursor_.AcceptWord("TABLE");
        if (!cursor_.AtWord("EXTENDED") && !cursor_.AtWord("FORMATTED")) return ReadColumn(false);
        cursor_.Next();
        if (cursor_.AtEnd() || cursor_.AtSymbol(".")) return false;
        return ReadColumn(true);
    }

    // A function's name may be a text or one of the grammar's words.
    QualifiedName ExpectFunctionOrCatalog() {
        const Token& first = cursor_.Peek();
        if (first.kind == TokenKind::kString)
            return {{cursor_.ExpectString("a name")}, first.position};
        const bool is_word =
            first.kind == TokenKind::kIdentifier && !IsSymbol(cursor_.Peek(1), ".");
        if (is_word) return {{std::string(cursor_.Next().text)}, first.position};
        return cursor_.ExpectQualifiedName("a name");
    }

    // [TABLE] name [column | PARTITION (a = x)]; with neither only where the table's details are
    // asked for.
    bool ReadColumn(bool wants_details) {
        if (!IsWord(cursor_.Peek(1), "VERSION") && cursor_.Peek(1).kind != TokenKind::kEnd)
            cursor_.AcceptWord("TABLE");
        if (!wants_details && !cursor_.AtName()) return false;
        ReadTable(What::kTableDetails);
        show_.is_extended = wants_details;
        if (cursor_.AtEnd()) return wants_details;
        if (cursor_.AtWord("PARTITION") && IsSymbol(cursor_.Peek(1), "(")) {
            ReadPartition();
            return true;
        }
        if (cursor_.AcceptWords({"AS", "JSON"})) {
            show_.what = What::kTableJson;
            return true;
        }
        if (!cursor_.AtName()) return false;
        show_.what = What::kColumnDetails;
        show_.column = ReadColumnPath(cursor_);
        return wants_details || cursor_.AtEnd();
    }

    // name [PARTITION (a = x, ...)]
    bool ReadPartitions() {
        ReadTable(What::kPartitions);
        if (cursor_.AtWord("PARTITION")) ReadPartition();
        return true;
    }

    // PARTITION (a = x, ...)
    void ReadPartition() {
        cursor_.Next();
        cursor_.ExpectSymbol("(");
        do {
            std::string name = cursor_.ExpectName("a partition column");
            cursor_.ExpectSymbol("=");
            if (cursor_.Peek(1).kind == TokenKind::kString) cursor_.Next();  // DATE '...'
            const Token& value = cursor_.Next();
            show_.partition.emplace_back(std::move(name), value.kind == TokenKind::kString
                                                              ? UnquoteLiteral(value.text)
                                                              : std::string(value.text));
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
    }

    bool ReadTable(What what) {
        show_.what = what;
        show_.name = ExpectTableOrFolder(cursor_);
        return true;
    }

    // [FROM | IN name] [[LIKE] 'pattern'], and of SHOW TABLE EXTENDED [PARTITION (a = x, ...)]
    bool ReadList(What what) {
        show_.what = what;
        if (cursor_.AcceptWord("FROM") || cursor_.AcceptWord("IN"))
            show_.name = cursor_.ExpectQualifiedName("a schema");
        if (cursor_.AcceptWord("LIKE") || cursor_.Peek().kind == TokenKind::kString)
            show_.pattern = cursor_.ExpectString("a pattern in quotes");
        if (what == What::kTablesExtended && cursor_.AtWord("PARTITION")) ReadPartition();
        return true;
    }

    // (FROM | IN) name [(FROM | IN) schema]
    bool ReadColumns() {
        if (!cursor_.AcceptWord("FROM")) cursor_.ExpectWord("IN");
        ReadTable(What::kColumns);
        if (!cursor_.AcceptWord("FROM") && !cursor_.AcceptWord("IN")) return true;
        QualifiedName schema = cursor_.ExpectQualifiedName("a schema");
        schema.parts.push_back(show_.name.parts.back());
        show_.name.parts = std::move(schema.parts);
        return true;
    }

    // name [(key)]
    bool ReadProperties() {
        ReadTable(What::kProperties);
        if (!cursor_.AcceptSymbol("(")) return true;
        if (cursor_.Peek().kind == TokenKind::kString) {
            show_.key = cursor_.ExpectString("a property");
        } else {
            show_.key = cursor_.ExpectName("a property");
            while (cursor_.AcceptSymbol(".")) *show_.key += "." + cursor_.ExpectName("a property");
        }
        cursor_.ExpectSymbol(")");
        return true;
    }

    TokenCursor cursor_;
    const bool is_spark_;
    Show show_;
};

}  // namespace

std::optional<ParsedStatement> ReadShow(TokenCursor cursor, Dialect dialect) {
    return Reader(cursor, dialect).Read();
}

}  // namespace tarn::sql
