#include "sql/syntax_writer.h"

#include <algorithm>

#include "sql/keywords.h"
#include "sql/quote.h"

namespace tarn::sql {

SyntaxWriter::SyntaxWriter(std::string_view source, const std::vector<Token>& tokens,
                           Dialect dialect, bool numbers_parameters)
    : source_(source),
      tokens_(tokens),
      dialect_(dialect),
      numbers_parameters_(numbers_parameters) {}

SqlText SyntaxWriter::One(size_t token) const {
    const Token& one = tokens_[token];
    if (one.kind == TokenKind::kString && IsSpark())
        return SqlText::Of(QuoteLiteral(UnquoteSparkLiteral(one.text)), one.begin);
    if (numbers_parameters_ && one.text == "?") {
        const auto before =
            std::count_if(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(token),
                          [](const Token& earlier) { return earlier.text == "?"; });
        return SqlText::Of("$" + std::to_string(before + 1), one.begin);
    }
    return SqlText::Copied(one.text, one.begin);
}

std::string SyntaxWriter::Name(size_t token) const {
    return QuoteIdentifier(UnquoteIdentifier(tokens_[token].text));
}

SqlText SyntaxWriter::Gap(size_t token) const {
    const size_t begin = token == 0 ? 0 : tokens_[token - 1].end();
    return SqlText::Copied(source_.substr(begin, tokens_[token].begin - begin), begin);
}

SqlText SyntaxWriter::Words(size_t first, size_t end) const {
    SqlText text;
    if (first == end) return text;
    if (!IsSpark() && !numbers_parameters_) {  // no token means anything else
        const size_t begin = tokens_[first].begin;
        return text.Append(
            SqlText::Copied(source_.substr(begin, tokens_[end - 1].end() - begin), begin));
    }
    for (size_t i = first; i < end; ++i) {
        if (i > first) text.Append(Gap(i));
        text.Append(One(i));
    }
    return text;
}

std::string_view SyntaxWriter::Source(const SyntaxNode& node) const {
    const size_t begin = tokens_[node.first].begin;
    return source_.substr(begin, tokens_[node.end - 1].end() - begin);
}

// The parts written anew, in the order of their tokens, and what lies between them.
SqlText SyntaxWriter::AsWritten(const SyntaxNode& node) const {
    std::vector<const SyntaxNode*> parts;
    for (const SyntaxNode& part : node.parts) parts.push_back(&part);
    std::stable_sort(parts.begin(), parts.end(),
                     [](const SyntaxNode* a, const SyntaxNode* b) { return a->first < b->first; });
    SqlText text;
    size_t at = node.first;
    const auto words_to = [&](size_t end) {
        if (at >= end) return;
        if (at > node.first) text.Append(Gap(at));
        text.Append(Words(at, end));
        at = end;
    };
    for (const SyntaxNode* part : parts) {
        words_to(part->first);
        if (part->end > part->first && at > node.first) text.Append(Gap(at));
        const bool is_called = node.kind == SyntaxKind::kCallTail && part == node.parts.data();
        text.Append(is_called ? WriteBareCall(*part) : Write(*part));
        at = std::max(at, part->end);
    }
    words_to(node.end);
    return text;
}

// A name that only the engine's grammar reserves is quoted for it.
SqlText SyntaxWriter::WriteName(const SyntaxNode& node) const {
    SqlText text;
    const size_t end = node.marks.empty() ? node.end : node.marks.front() - 1;
    for (size_t i = node.first; i < end; ++i) {
        const Token& one = tokens_[i];
        const bool is_value =
            node.end == node.first + 1 && (IsWord(one, "NULL") || IsWord(one, "TRUE") ||
                                           IsWord(one, "FALSE") || IsWord(one, "DEFAULT"));
        const bool is_reserved = IsSpark() && !is_value && one.kind == TokenKind::kIdentifier &&
                                 IsReservedForTables(one.text);
        if (i > node.first) text.Append(Gap(i));
        text.Append(is_reserved ? SqlText::Of(Name(i), one.begin) : One(i));
    }
    for (const size_t mark : node.marks) text = FieldOf(text, mark);
    return text;
}

SqlText SyntaxWriter::FieldOf(const SqlText& value, size_t name) const {
    const std::string field = QuoteLiteral(UnquoteIdentifier(tokens_[name].text));
    return Fill("spark_field($1, $2)", {value, SqlText::Of(field, tokens_[name].begin)},
                tokens_[name].begin);
}

std::vector<SqlText> SyntaxWriter::Parts(const SyntaxNode& node) const {
    std::vector<SqlText> parts;
    for (const SyntaxNode& part : node.parts) parts.push_back(Write(part));
    return parts;
}

SqlText SyntaxWriter::Filled(std::string_view pattern, const SyntaxNode& node) const {
    return Fill(pattern, Parts(node), Place(node));
}

SqlText SyntaxWriter::Write(const SyntaxNode& node) const {
    switch (node.kind) {
        case SyntaxKind::kReplaced:
            return SqlText::Of(node.word, Place(node));
        case SyntaxKind::kTable:
            return WriteName(node);
        case SyntaxKind::kGroups:  // of what stands before GROUPING SETS only they are written
            return node.marks.empty() ? AsWritten(node) : Write(node.parts.back());
        case SyntaxKind::kOrderItem:
            return WriteOrderItem(node);
        case SyntaxKind::kSelectItem:
            return WriteSelectItem(node);
        case SyntaxKind::kLateralView:
            return WriteLateralView(node);
        case SyntaxKind::kSessionWindows:
            return WriteSessionWindows(node);
        case SyntaxKind::kTimeWindows:
            return WriteTimeWindows(node);
        case SyntaxKind::kRows:
            return WriteRows(node);
        case SyntaxKind::kPathTable:
            return WritePathTable(node);
        case SyntaxKind::kTableCall:
            return WriteTableCall(node);
        case SyntaxKind::kPivot:
            return WritePivot(node);
        case SyntaxKind::kStatement:
            return WriteStatement(node);
        case SyntaxKind::kPipes:
            return WritePipes(node);
        default:
            return WriteValue(node);
    }
}

SqlText SyntaxWriter::WriteValue(const SyntaxNode& node) const {
    switch (node.kind) {
        case SyntaxKind::kName:
            return WriteName(node);
        case SyntaxKind::kString:
            return WriteString(node);
        case SyntaxKind::kNumber:
            return WriteNumber(node);
        case SyntaxKind::kTyped:
            return WriteTyped(node);
        case SyntaxKind::kInterval:
            return WriteInterval(node);
        case SyntaxKind::kUnary:
            return WriteUnary(node);
        case SyntaxKind::kChain:
            return WriteChain(node);
        case SyntaxKind::kCompare:
            return WriteCompare(node);
        case SyntaxKind::kLike:
            return WriteLike(node);
        case SyntaxKind::kLikeAny:
            return WriteLikeAny(node);
        case SyntaxKind::kCast:
            return WriteCast(node);
        case SyntaxKind::kType:
            return WriteType(node);
        case SyntaxKind::kCall:
        case SyntaxKind::kCallTail:
            return WithResult(node, WriteBareCall(node));
        case SyntaxKind::kBracket:
            return IsSpark() ? Filled("spark_element($1, $2)", node) : AsWritten(node);
        case SyntaxKind::kField:
            return IsSpark() ? FieldOf(Write(node.parts[0]), node.marks[0]) : AsWritten(node);
        case SyntaxKind::kCollate:
            return IsSpark() ? WriteCollated(node.parts[0], node.marks[0]) : AsWritten(node);
        case SyntaxKind::kPath:
            return Fill("spark_at_path($1, $2)",
                        {Write(node.parts[0]), SqlText::Of(QuoteLiteral(node.word), Place(node))},
                        Place(node));
        case SyntaxKind::kParameter:
            return SqlText::Of("$" + std::string(tokens_[node.end - 1].text), Place(node));
        case SyntaxKind::kLambda:
            return WriteLambda(node);
        default:
            return AsWritten(node);
    }
}

}  // namespace tarn::sql
