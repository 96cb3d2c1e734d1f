#include "sql/known_statements.h"

#include <string>

#include "base/text.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

namespace {

constexpr std::string_view kBareSchema = "use CREATE SCHEMA name";

constexpr std::string_view kNoFiles = "Tarn runs no code of such files";
constexpr std::string_view kTended = "tarn table maintain tends the tables of a lake";

constexpr KnownHead kHeads[] = {
    {"MSCK <any>", "MSCK REPAIR TABLE", "tables of the lake know their partitions"},
    {"UNDROP <any>", "UNDROP", ""},
    {"GRANT <any>", "GRANT", ""},
    {"REVOKE <any>", "REVOKE", ""},
    {"DENY <any>", "DENY", ""},
    {"CREATE [OR REPLACE] [OR REFRESH] MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW",
     "use CREATE VIEW, or a model of tarn build"},
    {"DROP MATERIALIZED VIEW", "DROP MATERIALIZED VIEW", ""},
    {"CREATE [OR REPLACE] [OR REFRESH] STREAMING TABLE <name> AS", "CREATE STREAMING TABLE ... AS",
     "use an incremental model of tarn build"},
    {"CREATE [OR REPLACE] [OR REFRESH] STREAMING TABLE <name> <group> AS",
     "CREATE STREAMING TABLE ... AS", "use an incremental model of tarn build"},
    {"CREATE SCHEMA [IF NOT EXISTS] <name> [MANAGED] LOCATION", "CREATE SCHEMA ... LOCATION",
     kBareSchema},
    {"CREATE CATALOG", "CREATE CATALOG", "make a lakehouse in a folder of its own"},
    {"CREATE VOLUME", "CREATE VOLUME", ""},
    {"CREATE ROLE", "CREATE ROLE", ""},
    {"TRUNCATE TABLE <name> PARTITION <group>", "TRUNCATE TABLE ... PARTITION",
     "use DELETE FROM name WHERE ..."},
    {"REPAIR TABLE <any>", "REPAIR TABLE", "tables of the lake know their partitions"},
    {"SYNC SCHEMA <any>", "SYNC", ""},
    {"SYNC TABLE <any>", "SYNC", ""},
    {"ADD JAR <any>", "ADD JAR", kNoFiles},
    {"ADD FILE <any>", "ADD FILE", kNoFiles},
    {"ADD ARCHIVE <any>", "ADD ARCHIVE", kNoFiles},
    {"LIST <any>", "LIST", "use SELECT file FROM glob('/folder/*')"},
    {"SHOW STORAGE CREDENTIALS", "SHOW STORAGE CREDENTIALS", ""},
    {"SHOW EXTERNAL LOCATIONS", "SHOW EXTERNAL LOCATIONS", ""},
    {"CREATE CONNECTION", "CREATE CONNECTION", ""},
    {"CREATE SHARE", "CREATE SHARE", ""},
    {"CREATE RECIPIENT", "CREATE RECIPIENT", ""},
    {"CREATE GROUP", "CREATE GROUP", ""},
    {"CREATE FOREIGN CATALOG", "CREATE FOREIGN CATALOG", ""},
    {"CREATE EXTERNAL LOCATION", "CREATE EXTERNAL LOCATION", ""},
    {"CREATE EXTERNAL VOLUME", "CREATE EXTERNAL VOLUME", ""},
    {"CREATE STORAGE CREDENTIAL", "CREATE STORAGE CREDENTIAL", ""},
    {"CREATE [OR REPLACE] PROCEDURE", "CREATE PROCEDURE",
     "send its statements one by one, or make a macro of tarn build of them"},
    {"CREATE BLOOMFILTER INDEX", "CREATE BLOOMFILTER INDEX",
     "files are skipped by their statistics: use CLUSTER BY"},
    {"DROP BLOOMFILTER INDEX", "DROP BLOOMFILTER INDEX", ""},
    {"DROP VOLUME", "DROP VOLUME", ""},
    {"DROP CATALOG", "DROP CATALOG", ""},
    {"DROP SHARE", "DROP SHARE", ""},
    {"DROP RECIPIENT", "DROP RECIPIENT", ""},
    {"DROP CONNECTION", "DROP CONNECTION", ""},
    {"ALTER CATALOG", "ALTER CATALOG", ""},
    {"ALTER VOLUME", "ALTER VOLUME", ""},
    {"ALTER SHARE", "ALTER SHARE", ""},
    {"COPY INTO <any>", "COPY INTO", "use tarn ingest, or INSERT ... SELECT"},
    {"ALTER TABLE <name> ADD [IF NOT EXISTS] PARTITION <group>", "ALTER TABLE ADD PARTITION",
     "INSERT makes the partitions of its rows"},
    {"ALTER TABLE <name> DROP [IF EXISTS] PARTITION <group>", "ALTER TABLE DROP PARTITION",
     "use DELETE FROM name WHERE ..."},
    {"ALTER TABLE <name> PARTITION <group>", "ALTER TABLE PARTITION", "use UPDATE name SET ..."},
    {"ALTER TABLE <name> RECOVER PARTITIONS", "ALTER TABLE RECOVER PARTITIONS",
     "tables of the lake know their partitions"},
    {"ALTER TABLE <name> SET LOCATION", "ALTER TABLE SET LOCATION",
     "use CREATE TABLE ... LOCATION, or CLONE"},
    {"ALTER TABLE <name> SET SERDE", "ALTER TABLE SET SERDE", ""},
    {"ALTER TABLE <name> SET SERDEPROPERTIES", "ALTER TABLE SET SERDEPROPERTIES", ""},
    {"CREATE [OR REPLACE] GLOBAL TEMPORARY VIEW", "CREATE GLOBAL TEMPORARY VIEW",
     "use CREATE TEMPORARY VIEW, or CREATE VIEW"},
    {"CREATE [OR REPLACE] GLOBAL TEMP VIEW", "CREATE GLOBAL TEMPORARY VIEW",
     "use CREATE TEMPORARY VIEW, or CREATE VIEW"},
    {"ALTER TABLE <name> SET ROW FILTER", "ALTER TABLE SET ROW FILTER", ""},
    {"ALTER TABLE <name> DROP ROW FILTER", "ALTER TABLE DROP ROW FILTER", ""},
    {"ALTER TABLE <name> SET TAGS", "ALTER TABLE SET TAGS", ""},
    {"ALTER TABLE <name> UNSET TAGS", "ALTER TABLE UNSET TAGS", ""},
    {"ALTER TABLE <name> ALTER [COLUMN] <name> SET MASK", "ALTER COLUMN SET MASK", ""},
    {"ALTER TABLE <name> ALTER [COLUMN] <name> DROP MASK", "ALTER COLUMN DROP MASK", ""},
    {"ALTER TABLE <name> ALTER [COLUMN] <name> SET TAGS", "ALTER COLUMN SET TAGS", ""},
    {"ALTER TABLE <name> ALTER [COLUMN] <name> UNSET TAGS", "ALTER COLUMN UNSET TAGS", ""},
    {"ALTER TABLE <name> ENABLE PREDICTIVE OPTIMIZATION", "PREDICTIVE OPTIMIZATION", kTended},
    {"ALTER TABLE <name> DISABLE PREDICTIVE OPTIMIZATION", "PREDICTIVE OPTIMIZATION", kTended},
    {"ALTER TABLE <name> INHERIT PREDICTIVE OPTIMIZATION", "PREDICTIVE OPTIMIZATION", kTended},
    {"ALTER TABLE <name> SET MANAGED", "ALTER TABLE SET MANAGED",
     "use CREATE TABLE ... DEEP CLONE"},
    {"ALTER SCHEMA <name> SET TAGS", "ALTER SCHEMA SET TAGS", ""},
    {"ALTER TABLE <name> [SET] OWNER TO", "ALTER TABLE OWNER TO", ""},
    {"ALTER VIEW <name> [SET] OWNER TO", "ALTER VIEW OWNER TO", ""},
    {"ALTER SCHEMA <name> [SET] OWNER TO", "ALTER SCHEMA OWNER TO", ""},
    {"ALTER DATABASE <name> [SET] OWNER TO", "ALTER SCHEMA OWNER TO", ""},
    {"SHOW GRANTS", "SHOW GRANTS", ""},
};

bool AcceptName(TokenCursor& cursor) {
    auto accept_part = [&] {
        TokenKind kind = cursor.Peek().kind;
        if (kind != TokenKind::kIdentifier && kind != TokenKind::kQuotedIdentifier) return false;
        cursor.Next();
        return true;
    };
    if (!cursor.AtName() || !accept_part()) return false;
    while (cursor.AcceptSymbol(".")) {
        if (!accept_part()) return false;
    }
    return true;
}

bool AcceptPart(TokenCursor& cursor, std::string_view part) {
    if (part == "<name>") return AcceptName(cursor);
    if (part == "<group>") {
        if (!cursor.AtSymbol("(")) return false;
        cursor.SkipGroup();
        return true;
    }
    if (part == "<any>") {
        bool is_there = !cursor.AtEnd();
        cursor.Next();
        return is_there;
    }
    return cursor.AcceptWord(part);
}

// Matches the pattern's parts at the cursor; an optional group matches as a whole or not at all.
bool Matches(TokenCursor& cursor, std::string_view pattern) {
    bool in_group = false;
    size_t group_begin = 0;
    bool skips_group = false;
    for (const std::string& written : tarn::Split(pattern, ' ')) {
        std::string_view part = written;
        if (part.starts_with('[')) {
            in_group = true;
            group_begin = cursor.index();
            skips_group = false;
            part.remove_prefix(1);
        }
        bool ends_group = part.ends_with(']');
        if (ends_group) part.remove_suffix(1);
        if (!skips_group && !AcceptPart(cursor, part)) {
            if (!in_group) return false;
            cursor.MoveTo(group_begin);
            skips_group = true;
        }
        if (ends_group) {
            in_group = false;
            skips_group = false;
        }
    }
    return true;
}

}  // namespace

std::span<const KnownHead> KnownHeads() { return kHeads; }

std::optional<KnownButUnsupported> FindKnownButUnsupported(const std::vector<Token>& tokens,
                                                           size_t first) {
    TokenCursor cursor(tokens);
    for (const KnownHead& head : KnownHeads()) {
        cursor.MoveTo(first);
        if (Matches(cursor, head.pattern)) {
            return KnownButUnsupported{std::string(head.statement), std::string(head.remedy),
                                       tokens[first].position};
        }
    }
    return std::nullopt;
}

}  // namespace tarn::sql
