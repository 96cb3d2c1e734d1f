#include <algorithm>

#include "base/error.h"
#include "sql/quote.h"
#include "sql/spark_to_engine.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

bool IsLiteral(const SyntaxNode& node) {
    return node.kind == Kind::kString || node.kind == Kind::kNumber || node.kind == Kind::kTyped;
}

bool BeginsQuery(const Token& token) {
    return IsWord(token, "SELECT") || IsWord(token, "FROM") || IsWord(token, "WITH") ||
           IsWord(token, "VALUES") || IsWord(token, "TABLE");
}

}  // namespace

// map(k, v, ..): of the engine's own map(keys, values) in Tarn's dialect unless a key is a literal.
SqlText SyntaxWriter::WriteMap(const SyntaxNode& node) const {
    const size_t count = node.parts.size();
    const bool is_engines = !IsSpark() && (count == 1 || (count == 2 && !IsLiteral(node.parts[0])));
    if (is_engines || (count == 0 && !IsSpark())) return AsWritten(node);
    if (count % 2 != 0) {
        throw Error(ErrorKind::kInvalidInput,
                    "map takes keys and values by turns: an even number of arguments, not {}",
                    count)
            .At(SpotOf(tokens_[node.first].position));
    }
    const std::vector<SqlText> parts = Parts(node);
    SqlText text = SqlText::Of("MAP {", Place(node));
    for (size_t i = 0; i < count; i += 2) {
        if (i > 0) text.Append(", ");
        text.Append(parts[i]).Append(": ").Append(parts[i + 1]);
    }
    return text.Append("}");
}

// struct(a, b.c, 1 AS d) names its fields a, c, d and others col1, col2 by their places.
SqlText SyntaxWriter::WriteStruct(const SyntaxNode& node) const {
    std::vector<SqlText> fields;
    for (size_t i = 0; i < node.parts.size(); ++i) {
        const SyntaxNode& part = node.parts[i];
        const bool has_name = part.is_named || part.kind == Kind::kName;
        const std::string name =
            has_name ? Name(part.end - 1) : QuoteIdentifier("col" + std::to_string(i + 1));
        fields.push_back(SqlText::Of(name + " := ", Place(part))
                             .Append(Write(part.is_named ? part.parts[0] : part)));
    }
    return SqlText::Of("struct_pack(", Place(node)).Append(Join(fields, ", ")).Append(")");
}

SqlText SyntaxWriter::WriteNamedStruct(const SyntaxNode& node) const {
    std::vector<SqlText> fields;
    for (size_t i = 0; i < node.parts.size(); i += 2) {
        const SyntaxNode& name = node.parts[i];
        if (name.kind != Kind::kString || i + 1 == node.parts.size()) {
            throw Error(ErrorKind::kInvalidInput,
                        "named_struct takes names, each a text, and values by turns")
                .At(SpotOf(tokens_[name.first].position));
        }
        fields.push_back(SqlText::Of(QuoteIdentifier(Meaning(name)) + " := ", Place(name))
                             .Append(Write(node.parts[i + 1])));
    }
    return SqlText::Of("struct_pack(", Place(node)).Append(Join(fields, ", ")).Append(")");
}

// count(DISTINCT a, b) leaves out rows in which one of them is NULL.
SqlText SyntaxWriter::WriteCountOfSeveral(const SyntaxNode& node) const {
    const std::vector<SqlText> parts = Parts(node);
    SqlText text = SqlText::Of("count(DISTINCT CASE WHEN ", Place(node));
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text.Append(" AND ");
        text.Append("(").Append(parts[i]).Append(") IS NOT NULL");
    }
    return text.Append(" THEN row(").Append(Join(parts, ", ")).Append(") END)");
}

SqlText SyntaxWriter::WriteCall(const SyntaxNode& node) const {
    const size_t count = node.parts.size();
    const bool counts_several = node.word == "count" && !node.is_plain_call && count > 1 &&
                                IsWord(tokens_[node.first + 2], "DISTINCT");
    if (counts_several) return WriteCountOfSeveral(node);
    if (!node.is_plain_call) return AsWritten(node);
    const bool has_query = count == 1 && BeginsQuery(tokens_[node.parts[0].first]);
    if (node.word == "array" && !has_query) return Filled("list_value($*)", node);
    if (node.word == "map") return WriteMap(node);
    if (node.word == "struct") return WriteStruct(node);
    if (node.word == "named_struct") return WriteNamedStruct(node);
    const SparkFunction* function = FindSparkFunction(node.word);
    const bool is_known = function != nullptr && !function->engine.empty() &&
                          (IsSpark() || IsSparksAlone(node.word)) &&
                          static_cast<int>(count) >= function->least &&
                          (function->most < 0 || static_cast<int>(count) <= function->most);
    if (is_known && (count > 0 || function->engine.find('$') == std::string_view::npos))
        return Filled(function->engine, node);
    return AsWritten(node);
}

}  // namespace tarn::sql
