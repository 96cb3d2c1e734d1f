#include "ingest/held_landing.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::ingest {
namespace {

constexpr const char* kStage = "tarn_landing_stage";
constexpr const char* kSchema = "quarantine";

std::string AnyOf(const std::vector<std::string>& conditions) {
    std::vector<std::string> each;
    for (const std::string& condition : conditions) each.push_back("(" + condition + ") IS TRUE");
    return Join(each, " OR ");
}

}  // namespace

HeldLanding::HeldLanding(IngestParts& parts, ContractPolicy policy, engine::TableName table,
                         std::string source, TableReport& report)
    : parts_(parts),
      policy_(policy),
      table_(std::move(table)),
      source_(std::move(source)),
      report_(report) {}

std::string HeldLanding::Quarantine() const {
    return std::string(kSchema) + "." + sql::QuoteIdentifier(table_.schema + "_" + table_.name);
}

bool HeldLanding::FindRules(const std::vector<quality::TableReview>& reviews,
                            std::vector<BrokenRule>& rules) {
    bool is_told_by_rows = true;
    for (const quality::TableReview& review : reviews) {
        if (!review.breaches.empty()) is_told_by_rows = false;
        for (const quality::PromiseResult& one : review.results) {
            if (one.kept || one.promise.only_warns) continue;
            if (one.promise.broken_by.empty()) is_told_by_rows = false;
            rules.push_back(
                {review.contract + "." + one.promise.name, one.promise.broken_by, one.rows_failed});
        }
    }
    return is_told_by_rows;
}

void HeldLanding::Confirm() {
    for (catalog::QualityRecord& check : checks_) {
        auto& known = report_.contract_checks;
        const auto same = std::find_if(known.begin(), known.end(),
                                       [&](const auto& other) { return other.rule == check.rule; });
        if (same == known.end()) {
            known.push_back(std::move(check));
            continue;
        }
        if (same->rows_checked && check.rows_checked)
            same->rows_checked = *same->rows_checked + *check.rows_checked;
        same->rows_failed += check.rows_failed;
        if (!check.passed) same->value = check.value;
        same->passed = same->passed && check.passed;
    }
    checks_.clear();
    for (std::string& broken : broken_) {
        if (report_.broken_promises.size() < TableReport::kMaxListed)
            report_.broken_promises.push_back(std::move(broken));
    }
    broken_.clear();
    report_.rows_quarantined += std::exchange(set_aside_, 0);
}

void HeldLanding::Refuse(const std::vector<quality::TableReview>& reviews) {
    std::vector<BrokenRule> rules;
    FindRules(reviews, rules);
    std::vector<std::string> places;
    for (const BrokenRule& rule : rules) {
        if (rule.condition.empty()) continue;
        const auto first = parts_.session.Query(fmt::format(
            "SELECT source_path, source_line FROM {} WHERE {} LIMIT 1", kStage, rule.condition));
        if (first.empty()) continue;
        places.push_back(fmt::format("{} in {}:{}", rule.name, first[0].at(0).value_or(""),
                                     first[0].at(1).value_or("")));
    }
    // Nothing of it lands, and the verdict stays.
    Confirm();
    try {
        quality::ThrowIfBroken(reviews);
    } catch (const Error& error) {
        if (places.empty()) throw;
        throw Error(error.kind(), "{} (the first rows: {})", error.message(), Join(places, ", "));
    }
    throw Error(ErrorKind::kInternal, "a batch is refused for a promise that is broken");
}

std::string HeldLanding::Admit(LandingRows& rows, const HeldBatch& batch) {
    engine::ExecuteOptions execute;
    execute.inputs = {{kInput, &rows}};
    parts_.session.Run(
        fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT * FROM {}", kStage, kInput),
        execute);
    const auto reviews = parts_.contracts->Review(
        parts_.session, table_, fmt::format("SELECT * FROM {}", kStage), quality::HeldRows::kBatch);
    checks_ = quality::RecordsOf(reviews, 0, "");
    broken_.clear();
    set_aside_ = 0;
    if (quality::AreKept(reviews)) return kStage;
    if (policy_ == ContractPolicy::kWarn) {
        for (const quality::TableReview& review : reviews) {
            for (const std::string& broken : review.Broken())
                broken_.push_back(review.contract + ": " + broken);
        }
        return kStage;
    }
    std::vector<BrokenRule> rules;
    if (!FindRules(reviews, rules) || policy_ == ContractPolicy::kRefuse) Refuse(reviews);
    SetAside(rules, batch);
    std::vector<std::string> conditions;
    for (const BrokenRule& rule : rules) conditions.push_back(rule.condition);
    return fmt::format("(SELECT * FROM {} WHERE NOT ({}))", kStage, AnyOf(conditions));
}

void HeldLanding::SetAside(const std::vector<BrokenRule>& rules, const HeldBatch& batch) {
    std::vector<std::string> names;
    std::vector<std::string> conditions;
    for (const BrokenRule& rule : rules) {
        names.push_back(fmt::format("CASE WHEN ({}) IS TRUE THEN {} END", rule.condition,
                                    sql::QuoteLiteral(rule.name)));
        conditions.push_back(rule.condition);
        broken_.push_back(fmt::format("{}: {} rows go to {}", rule.name, rule.rows, Quarantine()));
    }
    const std::string select = fmt::format(
        "SELECT *, concat_ws(',', {}) AS _rules, {} AS _run_id, CAST({} AS TIMESTAMP WITH TIME "
        "ZONE) AS _quarantined_at, {} AS _source, {}::BIGINT AS _batch_number FROM {} WHERE {}",
        Join(names, ", "), sql::QuoteLiteral(report_.run_id),
        sql::QuoteLiteral(FormatTimestamp(batch.started)), sql::QuoteLiteral(source_), batch.number,
        kStage, AnyOf(conditions));
    parts_.session.Run(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", kSchema));
    if (!HasQuarantine()) {
        parts_.session.Run(fmt::format(
            "CREATE TABLE IF NOT EXISTS {} AS SELECT * FROM ({}) LIMIT 0", Quarantine(), select));
    }
    const engine::StatementStats stats = parts_.session.Run(
        fmt::format("INSERT WITH SCHEMA EVOLUTION INTO {} BY NAME {}", Quarantine(), select));
    set_aside_ = static_cast<int64_t>(stats.rows_affected);
}

bool HeldLanding::HasQuarantine() {
    try {
        (void)parts_.session.Snapshot({kSchema, table_.schema + "_" + table_.name});
        return true;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kNotFound) throw;
        return false;
    }
}

void HeldLanding::CleanQuarantine(const std::set<std::string>& committed, int64_t next) {
    if (!HasQuarantine()) return;
    const std::string ours =
        fmt::format("_source = {} AND _batch_number < {}", sql::QuoteLiteral(source_), next);
    std::vector<std::string> gone;
    for (const engine::TextRow& row : parts_.session.Query(
             fmt::format("SELECT DISTINCT batch_id FROM {} WHERE {}", Quarantine(), ours))) {
        const std::string id = row.at(0).value_or("");
        if (!committed.contains(id)) gone.push_back(sql::QuoteLiteral(id));
    }
    if (gone.empty()) return;
    parts_.session.Run(fmt::format("DELETE FROM {} WHERE {} AND batch_id IN ({})", Quarantine(),
                                   ours, Join(gone, ", ")));
}

}  // namespace tarn::ingest
