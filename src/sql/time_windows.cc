// window(at, width[, every[, from]]), of GROUP BY and SELECT: a row stands in each window of time
// that holds its time, counted from 1970-01-01 UTC, and a row without a time in none.
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sql/spark_functions.h"
#include "sql/syntax_parser.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

constexpr std::string_view kColumn = "\"window\"";
constexpr int64_t kMostWindowsOfARow = 10'000;

struct Unit {
    std::string_view name;
    int64_t micros;
};
constexpr Unit kUnits[] = {{"microsecond", 1},       {"millisecond", 1'000},
                           {"second", 1'000'000},    {"minute", 60'000'000},
                           {"hour", 3'600'000'000},  {"day", 86'400'000'000},
                           {"week", 604'800'000'000}};

bool IsTimeWindow(const SyntaxNode& node) {
    return node.kind == Kind::kCall && node.word == "window" && node.is_plain_call &&
           node.parts.size() >= 2;
}

const SyntaxNode* FindTimeWindow(const SyntaxNode& node) {
    if (IsTimeWindow(node)) return &node;
    for (const SyntaxNode& part : node.parts) {
        if (const SyntaxNode* found = FindTimeWindow(part)) return found;
    }
    return nullptr;
}

bool IsSame(const SyntaxNode& a, const SyntaxNode& b, const std::vector<Token>& tokens) {
    if (a.end - a.first != b.end - b.first) return false;
    for (size_t i = 0; i < a.end - a.first; ++i) {
        if (!EqualsIgnoreCase(tokens[a.first + i].text, tokens[b.first + i].text)) return false;
    }
    return true;
}

void NameWindow(SyntaxNode& node, const SyntaxNode& window, const std::vector<Token>& tokens) {
    if (IsTimeWindow(node) && IsSame(node, window, tokens)) {
        node.kind = Kind::kReplaced;
        node.word = kColumn;
        node.parts.clear();
        return;
    }
    for (SyntaxNode& part : node.parts) NameWindow(part, window, tokens);
    if (node.kind == Kind::kSelectItem && node.parts[0].word == kColumn) node.is_named = true;
}

}  // namespace

void SyntaxParser::GroupByTime(SyntaxNode& select, size_t tables_end) const {
    const SyntaxNode* found = nullptr;
    for (const SyntaxNode& part : select.parts) {
        const bool is_item = part.kind == Kind::kSelectItem;
        if (is_item && part.parts[0].is_star) return;  // it would show the windows too
        if ((is_item || part.kind == Kind::kGroups) && found == nullptr)
            found = FindTimeWindow(part);
    }
    if (found == nullptr || tables_end == 0) return;
    SyntaxNode window = *found;
    for (SyntaxNode& part : select.parts) NameWindow(part, window, cursor_.tokens());
    window.kind = Kind::kTimeWindows;
    window.first = tables_end;
    window.end = tables_end;
    select.parts.push_back(std::move(window));
}

// '5 minutes', 'interval 1 hour 30 minutes'
int64_t SyntaxWriter::MicrosOf(const SyntaxNode& duration) const {
    int64_t sum = 0;
    bool is_read = duration.kind == Kind::kString;
    std::vector<std::string> words;
    if (is_read) {
        for (std::string& word : tarn::Split(AsciiLower(Meaning(duration)), ' ')) {
            if (!word.empty()) words.push_back(std::move(word));
        }
    }
    if (!words.empty() && words.front() == "interval") words.erase(words.begin());
    is_read = is_read && !words.empty() && words.size() % 2 == 0;
    for (size_t i = 0; is_read && i < words.size(); i += 2) {
        const auto amount = ParseInt(words[i]);
        if (words[i + 1].ends_with('s')) words[i + 1].pop_back();
        is_read = false;
        for (const Unit& unit : kUnits) {
            int64_t micros = 0;
            if (unit.name != words[i + 1] || !amount) continue;
            is_read = !__builtin_mul_overflow(*amount, unit.micros, &micros) &&
                      !__builtin_add_overflow(sum, micros, &sum);
        }
    }
    if (is_read) return sum;
    throw Error(ErrorKind::kInvalidInput,
                "the windows of time are told by texts such as '5 minutes', in weeks, days, hours, "
                "minutes, seconds, milliseconds or microseconds")
        .At(SpotOf(tokens_[duration.first].position));
}

SqlText SyntaxWriter::WriteTimeWindows(const SyntaxNode& node) const {
    const int64_t width = MicrosOf(node.parts[1]);
    const int64_t every = node.parts.size() > 2 ? MicrosOf(node.parts[2]) : width;
    const int64_t from = node.parts.size() > 3 ? MicrosOf(node.parts[3]) : 0;
    const auto place = SpotOf(tokens_[node.parts[1].first].position);
    if (every <= 0 || every > width || from >= every || from <= -every) {
        throw Error(ErrorKind::kInvalidInput,
                    "a window is longer than nothing, begins anew after at most its length, and is "
                    "moved by less than that")
            .At(place);
    }
    const int64_t count = (width - 1) / every + 1;
    if (count > kMostWindowsOfARow) {
        throw Error(ErrorKind::kLimitExceeded,
                    "a row would stand in {} windows of time; {} is the most: let them begin anew "
                    "less often",
                    count, kMostWindowsOfARow)
            .At(place);
    }
    const std::string at = "epoch_us(" + WithCasts("$t1") + ")";
    const std::string start = fmt::format(
        "({0} - (((({0} - {1}) % {2}) + {2}) % {2} + spark_step * {2}))", at, from, every);
    const std::string pattern = fmt::format(
        ", LATERAL (SELECT struct_pack(\"start\" := make_timestamptz({0}), \"end\" := "
        "make_timestamptz({0} + {1})) AS {2} FROM range({3}) AS spark_steps(spark_step) WHERE {4} "
        "< {0} + {1}) AS time_windows",
        start, width, kColumn, count, at);
    return Fill(pattern, {Write(node.parts[0])}, Place(node));
}

}  // namespace tarn::sql
