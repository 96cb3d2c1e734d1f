#include "sql/statement_class.h"

namespace tarn::sql {

namespace {

struct FirstWord {
    std::string_view word;
    StatementClass statement_class;
};
constexpr FirstWord kFirstWords[] = {
    {"SELECT", StatementClass::kQuery},      {"FROM", StatementClass::kQuery},
    {"VALUES", StatementClass::kQuery},      {"TABLE", StatementClass::kQuery},
    {"PIVOT", StatementClass::kQuery},       {"UNPIVOT", StatementClass::kQuery},
    {"PIVOT_WIDER", StatementClass::kQuery}, {"PIVOT_LONGER", StatementClass::kQuery},
    {"INSERT", StatementClass::kInsert},     {"UPDATE", StatementClass::kUpdate},
    {"DELETE", StatementClass::kDelete},     {"TRUNCATE", StatementClass::kDelete},
    {"MERGE", StatementClass::kMerge},       {"DROP", StatementClass::kDrop},
    {"ALTER", StatementClass::kAlter},       {"COMMENT", StatementClass::kAlter},
    {"COPY", StatementClass::kCopy},         {"SET", StatementClass::kSet},
    {"RESET", StatementClass::kSet},         {"PRAGMA", StatementClass::kSet},
    {"BEGIN", StatementClass::kBegin},       {"START", StatementClass::kBegin},
    {"COMMIT", StatementClass::kCommit},     {"END", StatementClass::kCommit},
    {"ROLLBACK", StatementClass::kRollback}, {"ABORT", StatementClass::kRollback},
    {"EXPLAIN", StatementClass::kExplain},   {"DESCRIBE", StatementClass::kDescribe},
    {"DESC", StatementClass::kDescribe},     {"SUMMARIZE", StatementClass::kDescribe},
    {"SHOW", StatementClass::kShow},         {"USE", StatementClass::kUse},
};

// Of class other.
constexpr std::string_view kOtherWords[] = {
    "CREATE",     "WITH",       "ATTACH",  "DETACH",   "CALL",     "PREPARE", "EXECUTE",
    "DEALLOCATE", "FORCE",      "INSTALL", "LOAD",     "IMPORT",   "EXPORT",  "ANALYZE",
    "VACUUM",     "CHECKPOINT", "REPLACE", "OPTIMIZE", "GRANT",    "REVOKE",  "RESTORE",
    "CONVERT",    "FSCK",       "MSCK",    "REORG",    "GENERATE", "CACHE",   "DENY",
    "REFRESH",    "UNCACHE",    "UNDROP",  "CLEAR",    "APPLY",    "AUTO"};

StatementClass ClassifyCreate(TokenCursor cursor) {
    cursor.Next();
    cursor.AcceptWords({"OR", "REPLACE"});
    if (!cursor.AcceptWord("TEMP")) cursor.AcceptWord("TEMPORARY");
    if (cursor.AtWord("TABLE") || cursor.AtWords({"EXTERNAL", "TABLE"}))
        return StatementClass::kCreateTable;
    if (cursor.AtWord("VIEW") || cursor.AtWords({"RECURSIVE", "VIEW"}))
        return StatementClass::kCreateView;
    if (cursor.AtWord("SCHEMA") || cursor.AtWord("DATABASE")) return StatementClass::kCreateSchema;
    return StatementClass::kOther;
}

// WITH a AS (...), b AS (...) and then the verb, which alone follows a closed parenthesis: a query
// may itself be called insert.
StatementClass ClassifyWith(TokenCursor cursor) {
    bool is_behind_group = false;
    while (!cursor.AtEnd()) {
        if (is_behind_group && cursor.AtWord("INSERT")) return StatementClass::kInsert;
        if (is_behind_group && cursor.AtWord("UPDATE")) return StatementClass::kUpdate;
        if (is_behind_group && cursor.AtWord("DELETE")) return StatementClass::kDelete;
        if (is_behind_group && cursor.AtWord("MERGE")) return StatementClass::kMerge;
        is_behind_group = cursor.AtSymbol("(");
        cursor.SkipGroup();
    }
    return StatementClass::kQuery;
}

}  // namespace

std::vector<std::string> StatementWords() {
    std::vector<std::string> words(std::begin(kOtherWords), std::end(kOtherWords));
    for (const FirstWord& first : kFirstWords) words.emplace_back(first.word);
    return words;
}

StatementClass Classify(TokenCursor cursor) {
    if (cursor.AtSymbol("(")) return StatementClass::kQuery;
    // INSERT OVERWRITE [LOCAL] DIRECTORY 'folder' writes files that are no table's.
    if (cursor.AtWords({"INSERT", "OVERWRITE"})) {
        const size_t local = IsWord(cursor.Peek(2), "LOCAL") ? 1 : 0;
        if (IsWord(cursor.Peek(2 + local), "DIRECTORY") &&
            cursor.Peek(3 + local).kind == TokenKind::kString)
            return StatementClass::kCopy;
    }
    if (cursor.AtWord("CREATE")) return ClassifyCreate(cursor);
    if (cursor.AtWords({"REPLACE", "TABLE"})) return StatementClass::kCreateTable;
    if (cursor.AtWord("WITH")) return ClassifyWith(cursor);
    for (const FirstWord& first : kFirstWords) {
        if (cursor.AtWord(first.word)) return first.statement_class;
    }
    return StatementClass::kOther;
}

}  // namespace tarn::sql
