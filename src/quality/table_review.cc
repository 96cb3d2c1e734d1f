#include "quality/table_review.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tarn::quality {
namespace {

using Json = nlohmann::ordered_json;

std::optional<double> NumberOf(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    char* end = nullptr;
    const double number = std::strtod(text->c_str(), &end);
    return *end == '\0' && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

catalog::QualityRecord RecordOf(const TableReview& review, const std::string& promise) {
    catalog::QualityRecord record;
    record.rule = review.contract + "." + promise;
    record.action = "contract";
    record.severity = "error";
    record.table = review.table;
    record.rows_checked = review.rows;
    record.versions = review.versions;
    return record;
}

}  // namespace

bool TableReview::IsKept() const { return Broken().empty(); }

std::vector<std::string> TableReview::Broken() const {
    std::vector<std::string> broken = breaches;
    for (const PromiseResult& one : results) {
        if (one.kept || one.promise.only_warns) continue;
        broken.push_back(fmt::format("{} is {}, promised is {}", one.promise.name,
                                     one.value.value_or("NULL"), one.promise.must_be));
    }
    return broken;
}

bool AreKept(const std::vector<TableReview>& reviews) {
    return std::all_of(reviews.begin(), reviews.end(),
                       [](const TableReview& review) { return review.IsKept(); });
}

void AskPromises(engine::Session& session, const std::vector<ContractPromise>& promises,
                 const std::string& rows, TableReview& review) {
    const auto result = session.Execute(PromiseQuery(promises, rows));
    std::vector<engine::TextRow> answers;
    while (result->NextText(answers)) {
    }
    const engine::TextRow& answer = answers.at(0);
    review.rows = ParseInt(answer.at(0).value_or(""));
    for (size_t at = 0; at < promises.size(); ++at) {
        PromiseResult one{promises[at], answer.at(1 + 3 * at), answer.at(2 + 3 * at) == "true"};
        one.rows_failed =
            static_cast<int64_t>(std::llround(NumberOf(answer.at(3 + 3 * at)).value_or(1)));
        if (one.kept) one.rows_failed = 0;
        review.results.push_back(std::move(one));
    }
    for (const engine::TableVersionUse& read : result->Stats().read)
        review.versions[read.table.ToString()] = read.version.number;
}

std::vector<catalog::QualityRecord> RecordsOf(const TableReview& review) {
    std::vector<catalog::QualityRecord> records;
    catalog::QualityRecord columns = RecordOf(review, "columns");
    columns.rows_checked.reset();
    columns.passed = review.breaches.empty();
    columns.rows_failed = static_cast<int64_t>(review.breaches.size());
    Json sample{{"version", review.version}};
    if (!columns.passed) sample["breaches"] = review.breaches;
    columns.sample = sample.dump(-1, ' ', false, Json::error_handler_t::replace);
    records.push_back(std::move(columns));
    for (const PromiseResult& one : review.results) {
        catalog::QualityRecord record = RecordOf(review, one.promise.name);
        if (one.promise.only_warns) record.severity = "warning";
        record.column = one.promise.column;
        record.passed = one.kept;
        record.rows_failed = one.rows_failed;
        record.threshold = one.promise.must_be;
        record.value = NumberOf(one.value);
        record.sample = Json{{"version", review.version}}.dump();
        records.push_back(std::move(record));
    }
    return records;
}

}  // namespace tarn::quality
