// What sensors see of a lake: versions and times of its tables, files in and beside its folder.
#pragma once

#include <string>

#include "engine/session.h"
#include "pipeline/job_ports.h"
#include "storage/object_store.h"

namespace tarn::pipeline {

// Not thread-safe. All outlive it.
class LakeWorld final : public SensorWorld {
public:
    LakeWorld(engine::Session& session, storage::ObjectStore& store, std::string root)
        : session_(session), store_(store), root_(std::move(root)) {}

    std::optional<int64_t> TableVersion(const std::string& table) override;
    std::optional<TimestampUs> TableTime(const std::string& table,
                                         const std::string& column) override;
    std::vector<SeenFile> Files(const std::string& pattern) override;

private:
    table::SnapshotPtr Find(const std::string& table);

    engine::Session& session_;
    storage::ObjectStore& store_;
    const std::string root_;
};

}  // namespace tarn::pipeline
