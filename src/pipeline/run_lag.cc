#include "pipeline/run_lag.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "pipeline/table_writer.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

// A history that is longer is looked at from its new end.
constexpr int64_t kMostVersions = 1000;

// When a version that is not the last one was committed.
std::optional<TimestampUs> CommittedAt(engine::Session& session, const engine::TableName& table,
                                       int64_t version, int64_t last) {
    const auto rows = session.Query(fmt::format(
        "SELECT epoch_us(min(\"timestamp\")) FROM table_history({}, {}) WHERE version >= {}",
        sql::QuoteLiteral(QuotedTable(table)), std::min(last - version + 1, kMostVersions),
        version));
    const auto time = ParseInt(rows.at(0).at(0).value_or(""));
    if (!time) return std::nullopt;
    return TimestampUs(DurationUs(*time));
}

std::optional<TimestampUs> FirstNew(engine::Session& session, const std::string& input,
                                    std::optional<int64_t> read) {
    const engine::TableName table = session.ResolveName(input);
    const table::SnapshotPtr snapshot = session.Snapshot(table);
    const int64_t last = snapshot->AtVersion().number;
    if (read && *read >= last) return std::nullopt;
    if (read && *read + 1 < last) return CommittedAt(session, table, *read + 1, last);
    return TimestampUs(std::chrono::milliseconds(snapshot->CommittedMs()));
}

}  // namespace

std::optional<DurationUs> LagOf(engine::Session& session, const catalog::RunRecord& run,
                                const std::optional<catalog::RunRecord>& before, TimestampUs now) {
    std::optional<TimestampUs> oldest;
    for (const auto& [input, version] : run.source_versions) {
        std::optional<int64_t> read;
        if (before && before->source_versions.contains(input))
            read = before->source_versions.at(input);
        if (read && *read >= version) continue;
        const auto first = FirstNew(session, input, read);
        if (first && (!oldest || *first < *oldest)) oldest = first;
    }
    if (!oldest) return std::nullopt;
    return std::max(DurationUs{}, now - *oldest);
}

}  // namespace tarn::pipeline
