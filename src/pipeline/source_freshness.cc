#include "pipeline/source_freshness.h"

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// When the newest row was loaded; nothing: there is no row that says.
std::optional<TimestampUs> LoadedAt(engine::Session& session, const SourceTable& table) {
    const Freshness& freshness = table.freshness;
    const engine::TableName name{table.schema, table.name};
    std::string select;
    if (!freshness.loaded_at_query.empty()) {
        select = "(\n" + freshness.loaded_at_query + "\n)";
    } else if (!freshness.loaded_at_field.empty()) {
        const std::string where =
            freshness.filter.empty() ? "" : " WHERE (\n" + freshness.filter + "\n)";
        select =
            fmt::format("(SELECT max({}) FROM {}.{}{})", freshness.loaded_at_field,
                        sql::QuoteIdentifier(name.schema), sql::QuoteIdentifier(name.name), where);
    } else {
        return TimestampUs(std::chrono::milliseconds(session.Snapshot(name)->CommittedMs()));
    }
    const auto rows =
        session.Query("SELECT epoch_us(CAST(" + select + " AS TIMESTAMP WITH TIME ZONE))");
    if (!rows.at(0).at(0)) return std::nullopt;
    return TimestampUs(std::chrono::microseconds(ParseInt(*rows[0][0]).value_or(0)));
}

Json LimitOf(const std::optional<FreshnessLimit>& limit) {
    if (!limit) return {{"count", nullptr}, {"period", nullptr}};
    return {{"count", limit->count}, {"period", limit->period}};
}

Json ResultOf(const LoadedProject& loaded, const FreshnessReport& report) {
    if (!report.loaded) {
        return {{"unique_id", report.unique_id},
                {"error", report.message},
                {"status", "runtime error"}};
    }
    const auto item = loaded.inventory().Find(report.unique_id);
    const Freshness& freshness = loaded.inventory().Items()[*item].source->freshness;
    return {{"unique_id", report.unique_id},
            {"max_loaded_at", FormatTimestamp(*report.loaded)},
            {"snapshotted_at", FormatTimestamp(report.asked)},
            {"max_loaded_at_time_ago_in_s", report.age_s},
            {"status", report.status},
            {"criteria",
             {{"warn_after", LimitOf(freshness.warn_after)},
              {"error_after", LimitOf(freshness.error_after)},
              {"filter", freshness.filter.empty() ? Json() : Json(freshness.filter)}}},
            {"adapter_response", Json::object()},
            {"timing", Json::array()},
            {"thread_id", "Thread-1"},
            {"execution_time", report.seconds}};
}

}  // namespace

std::vector<FreshnessReport> CheckFreshness(const LoadedProject& loaded,
                                            const std::vector<size_t>& items,
                                            engine::Session& session, Clock& clock) {
    std::vector<FreshnessReport> reports;
    for (const size_t index : items) {
        const Item& item = loaded.inventory().Items()[index];
        if (item.source == nullptr || !item.source->freshness.IsAsked()) continue;
        FreshnessReport report;
        report.unique_id = item.unique_id;
        report.name = item.fqn[item.fqn.size() - 2] + "." + item.name;
        report.asked = clock.Now();
        const DurationUs start = clock.Monotonic();
        try {
            report.loaded = LoadedAt(session, *item.source);
            if (!report.loaded) report.message = "no row says when it was loaded";
        } catch (const Error& error) {
            report.message = error.what();
        }
        report.seconds = static_cast<double>((clock.Monotonic() - start).count()) / 1e6;
        report.status = "runtime error";
        if (report.loaded) {
            report.age_s = static_cast<double>((report.asked - *report.loaded).count()) / 1e6;
            report.status = item.source->freshness.Verdict(report.age_s);
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

Json SourcesArtifact(const LoadedProject& loaded, const std::vector<FreshnessReport>& reports,
                     const Invocation& invocation) {
    Json results = Json::array();
    double seconds = 0;
    for (const FreshnessReport& report : reports) {
        results.push_back(ResultOf(loaded, report));
        seconds += report.seconds;
    }
    return {{"metadata", ArtifactMetadata(invocation, "sources", 3)},
            {"results", std::move(results)},
            {"elapsed_time", seconds}};
}

}  // namespace tarn::pipeline
