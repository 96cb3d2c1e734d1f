#include "pipeline/test_threshold.h"

#include <cctype>

#include <fmt/format.h>

#include "base/text.h"

namespace tarn::pipeline {
namespace {

// A `%` right behind a digit stands for percent where no number follows, or else for the remainder.
bool IsPercentSign(const std::string& text, size_t at) {
    if (text[at] != '%' || at == 0) return false;
    if (std::isdigit(static_cast<unsigned char>(text[at - 1])) == 0) return false;
    const size_t next = text.find_first_not_of(' ', at + 1);
    return next == std::string::npos || std::isdigit(static_cast<unsigned char>(text[next])) == 0;
}

}  // namespace

bool IsInPercent(const std::string& condition) {
    for (size_t at = 0; at < condition.size(); ++at) {
        if (IsPercentSign(condition, at)) return true;
    }
    return false;
}

std::string ConditionSql(const std::string& condition) {
    if (!IsInPercent(condition)) return "n " + condition;
    std::string plain;
    for (size_t at = 0; at < condition.size(); ++at) {
        if (!IsPercentSign(condition, at)) plain += condition[at];
    }
    return "coalesce(100.0 * n / nullif(rows, 0), 0) " + plain;
}

std::string ThresholdOf(const quality::TestOptions& options) {
    if (options.severity == quality::Severity::kWarn) return "warn if " + options.warn_if;
    if (options.warn_if == options.error_if) return "error if " + options.error_if;
    return fmt::format("error if {}, warn if {}", options.error_if, options.warn_if);
}

}  // namespace tarn::pipeline
