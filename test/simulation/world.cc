#include "simulation/world.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace tarn::simulation {
namespace {

constexpr TimestampUs kStart{std::chrono::seconds(1'800'000'000)};

}  // namespace

void Trace::Add(std::string line) {
    hash_ = Hash64(line) ^ (hash_ * 0x9e3779b97f4a7c15ULL);
    if (keeps_lines_) lines_.push_back(std::move(line));
}

World::World(uint64_t seed, const Faults& chances, bool keeps_lines, StoreWatcher& watcher)
    : timeline(kStart),
      clock(timeline, DurationUs(0)),
      random(seed),
      faults(chances),
      trace(keeps_lines),
      memory(clock),
      store(memory, watcher, clock) {}

void World::Note(std::string_view who, std::string_view what) {
    trace.Add(fmt::format("{} {} {}", (timeline.Now() - kStart).count(), who, what));
}

}  // namespace tarn::simulation
