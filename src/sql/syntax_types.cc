#include <utility>

#include "base/text.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

}  // namespace

// A type in Spark's spelling (ARRAY<T>, MAP<K, V>, STRUCT<a: T COMMENT 'x'>, STRING) or the
// engine's (T[], STRUCT(a T), DECIMAL(10, 2), TIMESTAMP WITH TIME ZONE).
SyntaxNode SyntaxParser::ParseType() {
    const DepthGuard depth(*this);
    SyntaxNode type = Open(Kind::kType, cursor_.index());
    const TokenKind kind = cursor_.Peek().kind;
    if (kind != TokenKind::kIdentifier && kind != TokenKind::kQuotedIdentifier)
        cursor_.FailExpected("a type");
    type.word = AsciiUpper(cursor_.Next().text);
    const bool nests = type.word == "ARRAY" || type.word == "MAP" || type.word == "STRUCT";
    if (nests && AtJoined({"<", ">"})) {  // STRUCT<>
        cursor_.FailExpected("a type");
    } else if (nests && cursor_.AcceptSymbol("<")) {
        ParseTypesWithin(type, ">");
    } else if ((nests || type.word == "UNION") && cursor_.AcceptSymbol("(")) {
        type.is_plain_call = false;  // the engine's spelling
        ParseTypesWithin(type, ")");
    } else {
        while (cursor_.AcceptSymbol(".")) ExpectAnyName("a type");
        if (type.word == "DOUBLE") cursor_.AcceptWord("PRECISION");
        if (cursor_.AtSymbol("(")) {
            cursor_.SkipGroup();
            type.is_named = true;  // says its digits
        }
        const bool has_zone = cursor_.AcceptWords({"WITH", "TIME", "ZONE"});
        if (has_zone) type.word += " WITH TIME ZONE";
        if (!has_zone && cursor_.AcceptWords({"WITHOUT", "TIME", "ZONE"})) type.word = "NTZ";
        ParseIntervalUnits(type);
    }
    type.end = cursor_.index();
    while (!IsSpark() && cursor_.AtSymbol("[")) cursor_.SkipGroup();
    if (cursor_.index() == type.end) return type;
    SyntaxNode list = Open(Kind::kPlain, type.first);
    list.parts.push_back(std::move(type));
    return Close(std::move(list));
}

// INTERVAL DAY TO SECOND
void SyntaxParser::ParseIntervalUnits(SyntaxNode& type) {
    if (type.word != "INTERVAL" || !AtUnit()) return;
    cursor_.Next();
    if (cursor_.AcceptWord("TO")) cursor_.Next();
}

// marks: the names of the fields, where there are some.
void SyntaxParser::ParseTypesWithin(SyntaxNode& type, std::string_view closing) {
    do {
        if (type.word == "STRUCT" || type.word == "UNION") {
            type.marks.push_back(cursor_.index());
            ExpectAnyName("the name of a field");
            cursor_.AcceptSymbol(":");
        }
        type.parts.push_back(ParseType());
        cursor_.AcceptWords({"NOT", "NULL"});
        if (cursor_.AcceptWord("COMMENT")) cursor_.ExpectString("the text of the comment");
    } while (cursor_.AcceptSymbol(","));
    cursor_.ExpectSymbol(closing);
}

}  // namespace tarn::sql
