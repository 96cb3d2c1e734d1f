#include "sql/show_statements.h"

#include <utility>

#include "sql/upkeep_statements.h"

namespace tarn::sql {
namespace {

using What = Show::What;

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
        for (const char* kind : {"USER", "SYSTEM", "ALL"}) {
            if (cursor_.AtWords({kind, "FUNCTIONS"})) cursor_.Next();
        }
        if (cursor_.AcceptWord("FUNCTIONS")) return ReadList(What::kFunctions);
        if (cursor_.AcceptWord("COLUMNS")) return ReadColumns();
        if (cursor_.AcceptWord("PARTITIONS")) return ReadTable(What::kPartitions);
        if (cursor_.AcceptWord("TBLPROPERTIES")) return ReadProperties();
        if (cursor_.AcceptWords({"CREATE", "TABLE"})) {
            ReadTable(What::kCreateTable);
            cursor_.AcceptWords({"AS", "SERDE"});
            return true;
        }
        return false;
    }

    // DESCRIBE [TABLE] EXTENDED | FORMATTED name; DESCRIBE SCHEMA | DATABASE [EXTENDED] name
    bool ReadDescribed() {
        if (!cursor_.AcceptWord("DESCRIBE") && !cursor_.AcceptWord("DESC")) return false;
        if (cursor_.AcceptWord("SCHEMA") || cursor_.AcceptWord("DATABASE")) {
            // A table may be called schema.
            if (cursor_.AtEnd() || cursor_.AtSymbol(".")) return false;
            cursor_.AcceptWord("EXTENDED");
            return ReadTable(What::kSchemaDetails);
        }
        if (IsWord(cursor_.Peek(1), "EXTENDED") || IsWord(cursor_.Peek(1), "FORMATTED"))
            cursor_.AcceptWord("TABLE");
        if (!cursor_.AtWord("EXTENDED") && !cursor_.AtWord("FORMATTED")) return false;
        cursor_.Next();
        if (cursor_.AtEnd() || cursor_.AtSymbol(".")) return false;
        return ReadTable(What::kTableDetails);
    }

    bool ReadTable(What what) {
        show_.what = what;
        show_.name = ExpectTableOrFolder(cursor_);
        return true;
    }

    // [FROM | IN name] [[LIKE] 'pattern']
    bool ReadList(What what) {
        show_.what = what;
        if (cursor_.AcceptWord("FROM") || cursor_.AcceptWord("IN"))
            show_.name = cursor_.ExpectQualifiedName("a schema");
        if (cursor_.AcceptWord("LIKE") || cursor_.Peek().kind == TokenKind::kString)
            show_.pattern = cursor_.ExpectString("a pattern in quotes");
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
