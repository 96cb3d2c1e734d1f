#include "sqllogic/runner.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace tarn::sqllogic {

namespace {

constexpr std::string_view kTemporary = "${TMP}";

// What a record expected and did not get; nothing when it held.
using Verdict = std::optional<std::string>;

std::string Shown(const engine::TextRow& row) {
    std::vector<std::string> values;
    for (const auto& value : row) {
        if (!value) {
            values.emplace_back("NULL");
        } else {
            values.push_back(value->empty() ? "(empty)" : *value);
        }
    }
    return Join(values, "\t");
}

std::string Lines(const std::vector<std::string>& rows) {
    constexpr size_t kMostShown = 20;
    std::string text;
    for (size_t i = 0; i < std::min(rows.size(), kMostShown); ++i) text += "\n    " + rows[i];
    if (rows.size() > kMostShown) text += fmt::format("\n    ... {} rows", rows.size());
    return text.empty() ? "\n    (no rows)" : text;
}

Verdict JudgeError(const StatementRecord& record, const Error& error) {
    const std::string at = fmt::format("{}:{}", error.spot().line, error.spot().column);
    if (!record.error) return fmt::format("failed: {}", error.what());
    if (TraitsOf(error.kind()).name != *record.error) {
        return fmt::format("expected {}, failed with: {}", *record.error, error.what());
    }
    if (record.error_at && *record.error_at != at) {
        return fmt::format("expected the error at {}, it is at {}: {}", *record.error_at, at,
                           error.what());
    }
    for (const std::string& name : record.error_names) {
        if (error.message().find(name) == std::string::npos)
            return fmt::format("expected an error that names {}: {}", name, error.what());
    }
    return std::nullopt;
}

}  // namespace

Runner::Runner(Store store, std::string folder) : store_(store), folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_ + "/lake");
    std::filesystem::create_directories(folder_ + "/tmp");
    std::ofstream config(folder_ + "/lake/tarn.yml");
    config << "name: logic\n";
    if (store_ == Store::kMemory) config << "warehouse: mem://logic\n";
    config.close();
    Open();
}

Runner::~Runner() { sessions_.clear(); }

void Runner::Open() { lake_ = cli::Lake::Open(catalog::LakeConfig::Load(folder_ + "/lake")); }

engine::Session& Runner::Current() {
    auto& session = sessions_[connection_];
    if (!session) session = lake_->Connect();
    return *session;
}

std::string Runner::Filled(std::string sql) const {
    for (size_t at = sql.find(kTemporary); at != std::string::npos; at = sql.find(kTemporary, at)) {
        sql.replace(at, kTemporary.size(), folder_ + "/tmp");
    }
    return sql;
}

Verdict Runner::Apply(const StatementRecord& record) {
    engine::StatementStats stats;
    try {
        stats = Current().Run(Filled(record.sql));
    } catch (const Error& error) {
        return JudgeError(record, error);
    }
    if (record.error) return fmt::format("expected {}, but it ran", *record.error);
    if (record.count && *record.count != stats.rows_affected) {
        return fmt::format("expected {} rows to change, {} did", *record.count,
                           stats.rows_affected);
    }
    return std::nullopt;
}

Verdict Runner::Apply(const QueryRecord& record) {
    std::vector<std::string> got;
    std::vector<std::string> want = record.rows;
    try {
        const auto result = Current().Execute(Filled(record.sql));
        if (result->Columns().size() != record.columns) {
            return fmt::format("expected {} columns, {} came", record.columns,
                               result->Columns().size());
        }
        std::vector<engine::TextRow> rows;
        while (result->NextText(rows)) {
        }
        for (const engine::TextRow& row : rows) got.push_back(Shown(row));
    } catch (const Error& error) {
        return fmt::format("failed: {}", error.what());
    }
    if (record.in_any_order) {
        std::sort(got.begin(), got.end());
        std::sort(want.begin(), want.end());
    }
    if (got == want) return std::nullopt;
    return fmt::format("expected rows:{}\n  got:{}", Lines(want), Lines(got));
}

std::vector<Failure> Runner::Run(const std::vector<Record>& records) {
    std::vector<Failure> failures;
    for (const Record& record : records) {
        Verdict verdict;
        if (const auto* require = std::get_if<RequireRecord>(&record.content)) {
            if ((require->store == "disk") != (store_ == Store::kDisk)) return failures;
        } else if (const auto* connection = std::get_if<ConnectionRecord>(&record.content)) {
            connection_ = connection->name;
        } else if (std::holds_alternative<RestartRecord>(record.content)) {
            // Tables in memory go with the lake: only a lake on disk can be opened again.
            if (store_ == Store::kMemory) return failures;
            sessions_.clear();
            lake_.reset();
            Open();
        } else if (const auto* statement = std::get_if<StatementRecord>(&record.content)) {
            verdict = Apply(*statement);
        } else {
            verdict = Apply(std::get<QueryRecord>(record.content));
        }
        if (verdict) failures.push_back({record.line, *verdict});
        if (failures.size() >= kMostFailures) return failures;
    }
    return failures;
}

}  // namespace tarn::sqllogic
