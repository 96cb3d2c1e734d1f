// A lake for tests: the engine over a store in memory and a directory that is a map.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "engine/fake_format.h"
#include "engine/map_directory.h"
#include "engine/session.h"
#include "storage/memory_store.h"

namespace tarn::engine {

class TestLake {
public:
    explicit TestLake(const EngineOptions& options = {}) {
        EngineOptions small = options;
        small.memory_limit_bytes = uint64_t{1} << 30;
        engine_ = Engine::Open(small, {store, directory, policy, clock, random});
        engine_->AddFormat(format);
    }
    std::unique_ptr<Session> Connect() { return engine_->Connect({"tester", true}); }
    Engine& engine() { return *engine_; }

    RealClock clock;
    SeededRandom random{7};
    storage::MemoryStore store{clock};
    MapDirectory directory{"lake", "mem://lake/warehouse"};
    LocalOwnerPolicy policy;
    FakeFormat format;

private:
    std::unique_ptr<Engine> engine_;
};

}  // namespace tarn::engine
