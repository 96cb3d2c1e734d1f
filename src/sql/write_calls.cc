#include <algorithm>

#include "base/error.h"
#include "sql/quote.h"
#include "sql/spark_functions.h"
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
        if (part.is_star) {  // struct(*), struct(t.*): a field of each column
            fields.push_back(SqlText::Of("*COLUMNS(", Place(part)).Append(Write(part)).Append(")"));
            continue;
        }
        const Token& last = tokens_[part.end - 1];
        const bool is_value = IsWord(last, "NULL") || IsWord(last, "TRUE") || IsWord(last, "FALSE");
        const bool has_name = part.is_named || (part.kind == Kind::kName && !is_value);
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

// count(a, b) and count(DISTINCT a, b) leave out rows in which one of them is NULL.
SqlText SyntaxWriter::WriteCountOfSeveral(const SyntaxNode& node) const {
    const std::vector<SqlText> parts = Parts(node);
    SqlText text = SqlText::Of(
        node.is_plain_call ? "count(CASE WHEN " : "count(DISTINCT CASE WHEN ", Place(node));
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text.Append(" AND ");
        text.Append("(").Append(parts[i]).Append(") IS NOT NULL");
    }
    return text.Append(" THEN row(").Append(Join(parts, ", ")).Append(") END)");
}

// The table's row for the call, where it means something in this dialect.
const SparkFunction* SyntaxWriter::FunctionOf(const SyntaxNode& call) const {
    const SparkFunction* function = FindSparkFunction(call.word, call.parts.size());
    return function != nullptr && (IsSpark() || function->is_sparks_alone) ? function : nullptr;
}

// An aggregate with DISTINCT, ORDER BY or IGNORE NULLS: only its name is another.
SqlText SyntaxWriter::WriteOtherName(const SyntaxNode& node, const SparkFunction& function) const {
    const std::string_view name = function.engine.substr(0, function.engine.find('('));
    const bool only_renames = function.topic == SparkTopic::kAggregates && !name.empty() &&
                              name != function.name && !function.name.ends_with("_value") &&
                              name.find(' ') == std::string_view::npos;
    if (!only_renames) return AsWritten(node);
    SyntaxNode renamed = node;
    SyntaxNode other;
    other.kind = Kind::kReplaced;
    other.first = node.first;
    other.end = node.first + 1;
    other.word = name;
    renamed.parts.push_back(std::move(other));
    return AsWritten(renamed);
}

SqlText SyntaxWriter::WriteKnown(const SyntaxNode& node, const SparkFunction& function) const {
    if (!function.instead.empty()) {
        throw Error(ErrorKind::kUnsupported, "there is no {} in Tarn: {}", function.name,
                    function.instead)
            .At(SpotOf(tokens_[node.first].position));
    }
    if (!node.is_plain_call) return WriteOtherName(node, function);
    if (function.engine.empty()) return AsWritten(node);
    return Filled(WithCasts(function.engine), node);
}

SqlText SyntaxWriter::WriteCall(const SyntaxNode& node) const {
    const size_t count = node.parts.size();
    const bool counts_several = node.word == "count" && count > 1 &&
                                (node.is_plain_call || IsWord(tokens_[node.first + 2], "DISTINCT"));
    if (counts_several && (IsSpark() || !node.is_plain_call)) return WriteCountOfSeveral(node);
    const bool has_query = count == 1 && BeginsQuery(tokens_[node.parts[0].first]);
    if (has_query) return AsWritten(node);  // EXISTS (SELECT ..), array(SELECT ..)
    if (node.is_plain_call) {
        if (node.word == "array") return Filled("list_value($*)", node);
        if (node.word == "map") return WriteMap(node);
        if (node.word == "struct") return WriteStruct(node);
        if (node.word == "named_struct") return WriteNamedStruct(node);
    }
    const SparkFunction* function = FunctionOf(node);
    if (function == nullptr) {
        const bool is_known = IsSpark() && node.is_plain_call && !node.is_outer &&
                              !SparkFunctionsNamed(node.word).empty();
        if (!is_known) return AsWritten(node);
        throw Error(ErrorKind::kInvalidInput, "{} takes no {} arguments", node.word, count)
            .At(SpotOf(tokens_[node.first].position));
    }
    if (node.is_plain_call) {
        if (auto text = WriteByCode(node)) return *text;
    }
    return WriteKnown(node, *function);
}

// last(x, true): the last value that is known.
bool SyntaxWriter::IsLastKnown(const SyntaxNode& call) const {
    return IsSpark() && call.kind == Kind::kCall && call.is_plain_call &&
           (call.word == "last" || call.word == "last_value") && call.parts.size() == 2 &&
           !IsWord(tokens_[call.parts[1].first], "FALSE");
}

// f(x) FILTER (..), f(x) OVER (..), f(x) WITHIN GROUP (ORDER BY ..)
SqlText SyntaxWriter::WriteCallTail(const SyntaxNode& node) const {
    const SyntaxNode& call = node.parts[0];
    const bool joins_texts = call.word == "listagg" || call.word == "string_agg";
    if (node.word == "WITHIN" && call.word == "mode" &&
        IsSpark())  // mode() WITHIN GROUP (ORDER BY x)
        return Fill("mode($1)", {Write(node.parts[1].parts[0])}, Place(node));
    if (IsLastKnown(call) && node.word == "FILTER") {
        return Fill("last($1) FILTER (WHERE ($1) IS NOT NULL AND ($2))",
                    {Write(call.parts[0]), Write(node.parts[1])}, Place(node));
    }
    if (IsLastKnown(call) && node.word == "OVER") {
        SqlText text =
            Fill("last_value($1 IGNORE NULLS) OVER ", {Write(call.parts[0])}, Place(node));
        const bool is_named = node.parts.size() == 1;
        return text.Append(is_named ? Words(node.end - 1, node.end) : Write(node.parts[1]));
    }
    if (node.word != "WITHIN" || !joins_texts || !IsSpark()) return AsWritten(node);
    // The engine has the order within the parentheses.
    SqlText text = WriteBareCall(call);
    std::vector<SqlText> order;
    for (size_t i = 1; i < node.parts.size(); ++i) order.push_back(Write(node.parts[i]));
    const std::string words = text.text();
    return SqlText::Of(words.substr(0, words.size() - 1) + " ORDER BY ", Place(node))
        .Append(Join(order, ", "))
        .Append(")");
}

SqlText SyntaxWriter::WriteBareCall(const SyntaxNode& node) const {
    if (node.kind == Kind::kCall) return WriteCall(node);
    return node.kind == Kind::kCallTail ? WriteCallTail(node) : Write(node);
}

// first_value(x) IGNORE NULLS and last_value(x) IGNORE NULLS without a window.
std::optional<SqlText> SyntaxWriter::WriteKnownValue(const SyntaxNode& node) const {
    if (!IsSpark() || node.kind != Kind::kCallTail || node.word != "IGNORE") return std::nullopt;
    const SyntaxNode& call = node.parts[0];
    const bool is_last = call.word.starts_with("last");
    if (!is_last && !call.word.starts_with("first") && call.word != "any_value")
        return std::nullopt;
    return Fill(is_last ? "last($1) FILTER (WHERE ($1) IS NOT NULL)" : "any_value($1)",
                {Write(call.parts[0])}, Place(node));
}

SqlText SyntaxWriter::WithResult(const SyntaxNode& node, SqlText bare) const {
    if (auto known = WriteKnownValue(node)) return *known;
    const SyntaxNode* call = &node;
    while (call->kind == Kind::kCallTail) call = &call->parts[0];
    const SparkFunction* function = FunctionOf(*call);
    if (function == nullptr || function->result.empty()) return bare;
    return Fill(function->result, {std::move(bare)}, Place(node));
}

}  // namespace tarn::sql
