// What a template may ask of the lake while it is rendered (run_query, adapter.get_relation, ...):
// a port, so that rendering needs no session. Without a lake, questions are refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "engine/table_directory.h"

namespace tarn::pipeline {

struct LakeAnswer {
    std::vector<engine::ColumnInfo> columns;
    std::vector<engine::TextRow> rows;
    uint64_t rows_affected = 0;
};

class TemplateLake {
public:
    virtual ~TemplateLake() = default;
    // Runs statements that `;` parts; the answer is the last one's. Their own errors.
    virtual LakeAnswer Run(const std::string& sql) = 0;
    // The columns of what may stand behind FROM.
    virtual std::vector<engine::ColumnInfo> Columns(const std::string& from) = 0;
    virtual std::optional<engine::DirectoryEntry> Find(const engine::TableName& name) = 0;
    virtual std::vector<engine::DirectoryEntry> List(const std::string& schema) = 0;
    virtual std::vector<std::string> Schemas() = 0;
};

// The lake behind a session. Both outlive it. Not thread-safe.
class SessionLake final : public TemplateLake {
public:
    SessionLake(engine::Session& session, engine::TableDirectory& directory)
        : session_(session), directory_(directory) {}

    LakeAnswer Run(const std::string& sql) override;
    std::vector<engine::ColumnInfo> Columns(const std::string& from) override;
    std::optional<engine::DirectoryEntry> Find(const engine::TableName& name) override;
    std::vector<engine::DirectoryEntry> List(const std::string& schema) override;
    std::vector<std::string> Schemas() override;

private:
    engine::Session& session_;
    engine::TableDirectory& directory_;
};

}  // namespace tarn::pipeline
