#include "sql/alter_entry.h"

#include <utility>

#include "sql/column_clauses.h"

namespace tarn::sql {
namespace {

// SCHEMA | DATABASE | NAMESPACE | VIEW
bool AcceptKind(TokenCursor& cursor, AlterEntry& alter) {
    for (const char* word : {"SCHEMA", "DATABASE", "NAMESPACE"}) {
        if (!cursor.AcceptWord(word)) continue;
        alter.is_schema = true;
        return true;
    }
    return cursor.AcceptWord("VIEW");
}

bool AcceptProperties(TokenCursor& cursor, bool is_schema) {
    if (!is_schema) return cursor.AcceptWord("TBLPROPERTIES");
    return cursor.AcceptWord("DBPROPERTIES") || cursor.AcceptWord("PROPERTIES");
}

}  // namespace

std::optional<AlterEntry> ReadAlterEntry(TokenCursor cursor) {
    AlterEntry alter;
    const bool comments = cursor.AcceptWords({"COMMENT", "ON"});
    if (!comments && !cursor.AcceptWord("ALTER")) return std::nullopt;
    if (!AcceptKind(cursor, alter)) return std::nullopt;
    alter.if_exists = !comments && cursor.AcceptWords({"IF", "EXISTS"});
    if (alter.is_schema && cursor.AtWord("DEFAULT")) {
        alter.name = {{"default"}, cursor.Next().position};
    } else {
        if (!cursor.AtName()) return std::nullopt;
        alter.name = cursor.ExpectQualifiedName(alter.is_schema ? "a schema" : "a view");
    }
    if (comments) {
        cursor.ExpectWord("IS");
        SetTableComment comment;
        if (!cursor.AcceptWord("NULL")) comment.text = cursor.ExpectString("a text, or NULL");
        alter.change = std::move(comment);
    } else {
        const bool sets = cursor.AcceptWord("SET");
        if (!sets && !cursor.AcceptWord("UNSET")) return std::nullopt;
        if (!AcceptProperties(cursor, alter.is_schema)) return std::nullopt;
        if (sets) {
            alter.change = SetProperties{ReadProperties(cursor)};
        } else {
            alter.change = ReadUnsetProperties(cursor);
        }
    }
    if (!cursor.AtEnd()) cursor.FailExpected("the end of the statement");
    return alter;
}

}  // namespace tarn::sql
