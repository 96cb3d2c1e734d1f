// A lake for tests: the engine over Delta tables in memory or in a folder, and a directory that is
// a map.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "delta/format.h"
#include "engine/map_directory.h"
#include "engine/recording_format.h"
#include "engine/session.h"
#include "storage/local_store.h"
#include "storage/memory_store.h"
#include "storage/router_store.h"

namespace tarn::engine {

// A folder that goes with the object.
class TestFolder {
public:
    TestFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "tarn-engine-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

class TestLake {
public:
    explicit TestLake(const EngineOptions& options = {}, bool is_on_disk = false,
                      const delta::FormatOptions& delta_options = {})
        : root(is_on_disk ? folder_.path() : "mem://lake"), directory("lake", root + "/warehouse") {
        EngineOptions small = options;
        if (small.memory_limit_bytes == 0) small.memory_limit_bytes = uint64_t{1} << 30;
        engine_ = Engine::Open(small, {store, directory, policy, clock, random});
        delta_ = std::make_unique<delta::Format>(store, engine_->Parquet(), clock, random,
                                                 delta_options);
        format = std::make_unique<RecordingFormat>(*delta_);
        engine_->AddFormat(*format);
    }
    std::unique_ptr<Session> Connect() { return engine_->Connect({"tester", true}); }
    Engine& engine() { return *engine_; }

private:
    TestFolder folder_;

public:
    const std::string root;
    // Stands still, so that times in results are known; a commit's time is the clock's.
    ManualClock clock{TimestampUs(std::chrono::seconds(1'400'000'000))};
    SeededRandom random{7};
    storage::MemoryStore memory{clock};
    storage::LocalStore disk;
    storage::RouterStore store{{&memory, &disk}};
    MapDirectory directory;
    LocalOwnerPolicy policy;
    std::unique_ptr<RecordingFormat> format;

private:
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<delta::Format> delta_;
};

}  // namespace tarn::engine
