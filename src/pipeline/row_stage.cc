#include "pipeline/row_stage.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr std::string_view kStage = "tarn_stage";
constexpr int kSampleRows = 3;

int64_t Number(const std::optional<std::string>& text) {
    const auto number = text ? ParseInt(*text) : std::nullopt;
    Check(number.has_value(), "a count is a number");
    return *number;
}

}  // namespace

RowStage::RowStage(engine::Session& session, CompiledSql sql, quality::SplitPlan plan, bool needed)
    : session_(session),
      sql_(std::move(sql)),
      plan_(std::move(plan)),
      is_filled_(needed || plan_.JudgesRows()) {}

std::string_view RowStage::Table() { return kStage; }

RowStage::~RowStage() {
    if (!is_filled_) return;
    try {
        session_.Run(fmt::format("DROP TABLE IF EXISTS temp.main.{}", kStage));
    } catch (const Error&) {
        // The next stage replaces it; the session's end drops it.
    }
}

void RowStage::Fill() {
    if (!is_filled_) return;
    try {
        session_.Run(quality::StageStatement(plan_, kStage));
    } catch (const Error& error) {
        Explain(error);
    }
    for (const engine::TextRow& row : session_.Query(quality::FateCounts(kStage))) {
        const std::string fate = row.at(0).value_or("");
        const int64_t rows = Number(row.at(1));
        if (fate == quality::kFateWrite) counts_.written = rows;
        if (fate == quality::kFateDrop) counts_.dropped = rows;
        if (fate == quality::kFateQuarantine) counts_.quarantined = rows;
        if (fate == quality::kFateDuplicate) counts_.duplicates = rows;
        if (fate == quality::kFateFail) failing_ = rows;
    }
    for (const engine::TextRow& row : session_.Query(quality::RuleCounts(kStage))) {
        broken_[row.at(0).value_or("")] = Number(row.at(1));
    }
}

void RowStage::Explain(const Error& error) {
    if (error.kind() != ErrorKind::kInvalidInput && error.kind() != ErrorKind::kNotFound)
        throw Error(error);
    const auto lines = static_cast<int>(Split(plan_.select, '\n').size());
    const int line = error.spot().line - quality::kSelectLine + 1;
    if (line >= 1 && line <= lines) throw Error(error).At(sql_.SpotOf(line, error.spot().column));
    for (const quality::Expectation& rule : plan_.expectations) {
        try {
            session_.Run(fmt::format("SELECT ({}\n) IS TRUE FROM (\n{}\n) LIMIT 0", rule.condition,
                                     plan_.select));
        } catch (const Error& cause) {
            throw Error(cause).At(rule.spot).With("expectation", rule.name);
        }
    }
    throw Error(error).At({sql_.file, 0, 0});
}

std::string RowStage::Sample(const std::string& rule) {
    const auto result = session_.Execute(fmt::format(
        "SELECT * EXCLUDE (_rules, _fate) FROM {} WHERE list_contains(_rules, {}) LIMIT {}", kStage,
        sql::QuoteLiteral(rule), kSampleRows));
    std::vector<engine::TextRow> rows;
    while (result->NextText(rows)) {
    }
    nlohmann::ordered_json sample = nlohmann::ordered_json::array();
    for (const engine::TextRow& row : rows) {
        nlohmann::ordered_json object;
        for (size_t i = 0; i < row.size(); ++i) {
            object[result->Columns()[i].name] = row[i] ? nlohmann::ordered_json(*row[i]) : nullptr;
        }
        sample.push_back(std::move(object));
    }
    return sample.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<catalog::QualityRecord> RowStage::Checks() {
    std::vector<catalog::QualityRecord> checks;
    for (const quality::Expectation& rule : plan_.expectations) {
        catalog::QualityRecord check;
        check.rule = rule.name;
        check.action = quality::NameOf(rule.action);
        check.severity = rule.action == quality::Action::kFail ? "error" : "warning";
        check.rows_checked = Rows();
        check.threshold = "= 0";
        const auto broken = broken_.find(rule.name);
        check.rows_failed = broken == broken_.end() ? 0 : broken->second;
        check.passed = check.rows_failed == 0;
        if (!check.passed) check.sample = Sample(rule.name);
        checks.push_back(std::move(check));
    }
    return checks;
}

void RowStage::ThrowIfFailing(const std::string& model) const {
    if (failing_ == 0) return;
    std::vector<std::string> words;
    TextSpot spot;
    for (const quality::Expectation& rule : plan_.expectations) {
        const auto broken = broken_.find(rule.name);
        if (rule.action != quality::Action::kFail || broken == broken_.end()) continue;
        words.push_back(fmt::format("{} ({} rows)", rule.name, broken->second));
        spot = rule.spot;
    }
    throw Error(ErrorKind::kInvalidInput, "{}: nothing is written, as rows break {}", model,
                Join(words, ", "))
        .At(spot);
}

void RowStage::ExplainUnfilled(const Error& error) {
    if (error.kind() != ErrorKind::kInvalidInput && error.kind() != ErrorKind::kNotFound) return;
    try {
        session_.Execute(TargetSelect() + " LIMIT 0");
    } catch (const Error& mistake) {
        Explain(mistake);
    }
}

std::string RowStage::TargetSelect() const {
    // The SELECT begins on kSelectLine, as in the stage.
    if (!is_filled_) return "SELECT * FROM (\n" + sql_.text + "\n)";
    return quality::TargetSelect(plan_, kStage);
}

std::string RowStage::QuarantineSelect(const std::string& run_id, const std::string& now) const {
    return quality::QuarantineSelect(plan_, kStage, run_id, now);
}

}  // namespace tarn::pipeline
