#include "pipeline/job_world.h"

#include "base/error.h"
#include "base/text.h"
#include "ingest/discovery.h"
#include "sql/quote.h"

namespace tarn::pipeline {

table::SnapshotPtr LakeWorld::Find(const std::string& table) {
    try {
        return session_.Snapshot(session_.ResolveName(table));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::kNotFound) return nullptr;
        throw;
    }
}

std::optional<int64_t> LakeWorld::TableVersion(const std::string& table) {
    const auto snapshot = Find(table);
    if (!snapshot) return std::nullopt;
    return snapshot->AtVersion().number;
}

std::optional<TimestampUs> LakeWorld::TableTime(const std::string& table,
                                                const std::string& column) {
    const auto snapshot = Find(table);
    if (!snapshot) return std::nullopt;
    if (column.empty()) return TimestampUs(std::chrono::milliseconds(snapshot->CommittedMs()));
    const engine::TableName name = session_.ResolveName(table);
    // Whoever asks keeps leases alive between two questions.
    constexpr int64_t kMostMs = 10'000;
    engine::ExecuteOptions options;
    options.timeout_ms = kMostMs;
    const auto rows = session_.Query(
        fmt::format("SELECT epoch_us(CAST(max({}) AS TIMESTAMP WITH TIME ZONE)) FROM {}.{}",
                    sql::QuoteIdentifier(column), sql::QuoteIdentifier(name.schema),
                    sql::QuoteIdentifier(name.name)),
        options);
    if (!rows.at(0).at(0)) return std::nullopt;
    return TimestampUs(DurationUs(ParseInt(*rows[0][0]).value_or(0)));
}

std::vector<SeenFile> LakeWorld::Files(const std::string& pattern) {
    std::vector<SeenFile> files;
    for (const ingest::FoundFile& file : ingest::Discover(store_, root_, {pattern})) {
        if (files.size() == JobLimits::kMostFiles)
            throw Error(ErrorKind::kLimitExceeded,
                        "more than {} files match {}: move those away that were processed",
                        JobLimits::kMostFiles, pattern);
        files.push_back(
            {file.path, fmt::format("{} {} {}", file.size_bytes, file.modified_ms, file.etag)});
    }
    return files;
}

}  // namespace tarn::pipeline
