#include "simulation/process_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"

namespace tarn::simulation {
namespace {

using storage::ListOptions;
using storage::ObjectInfo;
using storage::PutOutcome;

constexpr std::string_view kCheckpointName = ".checkpoint.";

std::string_view NameOf(PutOutcome outcome) {
    switch (outcome) {
        case PutOutcome::kDone:
            return "done";
        case PutOutcome::kExists:
            return "exists";
        case PutOutcome::kStale:
            return "stale";
        case PutOutcome::kUnknown:
            break;
    }
    return "unknown";
}

}  // namespace

void ProcessStore::Die(const char* what, const std::string& location) {
    is_dead_ = true;
    world_.Note(name_, fmt::format("dies at {} {}", what, location));
    throw storage::StoreCrash();
}

template <typename Effect>
auto ProcessStore::Run(const char* what, const std::string& location, Effect effect) {
    if (is_dead_) throw storage::StoreCrash();
    world_.timeline.Sleep(world_.Pause(world_.faults.longest_call / 2));
    const bool dies = Chance(world_.faults.crash);
    if (dies && world_.Chance(500)) Die(what, location);
    if (Chance(world_.faults.unavailable)) {
        world_.Note(name_, fmt::format("{} {}: 503", what, location));
        world_.tallies.Count("answer 503");
        throw Error(ErrorKind::kUnavailable, "503 for {} {}", what, location);
    }
    world_.Note(name_, fmt::format("{} {}", what, location));
    const auto finish = [&] {
        if (dies) Die(what, location);
        if (world_.Chance(300)) world_.timeline.Sleep(world_.Pause(world_.faults.longest_call));
    };
    if constexpr (std::is_void_v<decltype(effect())>) {
        effect();
        finish();
    } else {
        auto result = effect();
        finish();
        return result;
    }
}

ProcessStore::Fate ProcessStore::DrawFate(bool is_conditional) {
    if (Chance(world_.faults.late_put)) return Fate::kLate;
    if (Chance(world_.faults.lost_answer)) {
        return world_.Chance(500) ? Fate::kLost : Fate::kLostUndone;
    }
    if (is_conditional && Chance(world_.faults.doubtful_exists)) return Fate::kDoubtfulExists;
    if (is_conditional && Chance(world_.faults.conflicting_put)) return Fate::kInTheWay;
    return Fate::kDone;
}

PutOutcome ProcessStore::RunPut(const char* what, const std::string& location,
                                std::string_view bytes, bool is_conditional) {
    const auto put = [&world = world_, is_conditional, location,
                      text = std::string(bytes)](std::string_view who) {
        const PutOutcome outcome = is_conditional ? world.store.PutIfAbsent(location, text)
                                                  : world.store.Put(location, text);
        world.Note(who, fmt::format("put {}: {}", location, NameOf(outcome)));
        return outcome;
    };
    return Run(what, location, [&] {
        switch (DrawFate(is_conditional)) {
            case Fate::kDone: {
                const PutOutcome outcome = put(name_);
                if (outcome == PutOutcome::kExists) world_.tallies.Count("answer 412");
                return outcome;
            }
            case Fate::kDoubtfulExists:
                put(name_);
                world_.tallies.Count("answer 412 to a put that was done");
                return PutOutcome::kExists;
            case Fate::kInTheWay:
                world_.tallies.Count("answer 409");
                throw Error(ErrorKind::kUnavailable, "409 for {} {}", what, location);
            case Fate::kLate:
                world_.timeline.At(world_.timeline.Now() + world_.Pause(world_.faults.latest_put),
                                   [put] { put("late"); });
                break;
            case Fate::kLost:
                put(name_);
                break;
            case Fate::kLostUndone:
                world_.Note(name_, "put not done");
                break;
        }
        if (world_.Chance(500)) return PutOutcome::kUnknown;
        throw Error(ErrorKind::kUnavailable, "the answer to {} {} is lost", what, location);
    });
}

class ProcessStore::Reader final : public storage::ObjectReader {
public:
    Reader(std::unique_ptr<ObjectReader> inner, ProcessStore& store)
        : inner_(std::move(inner)), store_(store) {}
    const ObjectInfo& Info() const override { return inner_->Info(); }
    void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) override {
        store_.Run("read", Info().location, [&] { inner_->ReadAt(offset, buffer, size_bytes); });
    }

private:
    std::unique_ptr<ObjectReader> inner_;
    ProcessStore& store_;
};

class ProcessStore::Writer final : public storage::ObjectWriter {
public:
    Writer(std::string location, ProcessStore& store)
        : location_(std::move(location)), store_(store) {}
    void Write(std::string_view bytes) override { bytes_.append(bytes); }
    uint64_t BytesWritten() const override { return bytes_.size(); }
    void Commit() override {
        if (location_.find(kCheckpointName) != std::string::npos &&
            store_.Chance(store_.world_.faults.torn_checkpoint)) {
            store_.world_.torn[location_] = std::exchange(bytes_, std::string(kTornBytes));
        }
        const PutOutcome outcome = store_.RunPut("write", location_, bytes_, false);
        if (outcome == PutOutcome::kDone) return;
        throw Error(ErrorKind::kUnavailable, "whether {} was written is unknown", location_);
    }
    void Abort() override { bytes_.clear(); }

private:
    const std::string location_;
    ProcessStore& store_;
    std::string bytes_;
};

std::optional<ObjectInfo> ProcessStore::Stat(const std::string& location) {
    return Run("stat", location, [&] { return Inner().Stat(location); });
}

std::string ProcessStore::Get(const std::string& location, uint64_t max_bytes) {
    return Run("get", location, [&] { return Inner().Get(location, max_bytes); });
}

std::unique_ptr<storage::ObjectReader> ProcessStore::OpenReader(const std::string& location) {
    auto inner = Run("open", location, [&] { return Inner().OpenReader(location); });
    return std::make_unique<Reader>(std::move(inner), *this);
}

std::unique_ptr<storage::ObjectWriter> ProcessStore::OpenWriter(const std::string& location) {
    if (is_dead_) throw storage::StoreCrash();
    return std::make_unique<Writer>(location, *this);
}

std::vector<ObjectInfo> ProcessStore::List(const std::string& folder, const ListOptions& options) {
    const auto before = Run("list", folder, [&] { return Inner().List(folder, options); });
    if (Chance(world_.faults.stale_list)) {
        const DurationUs age = world_.Pause(world_.faults.oldest_list);
        world_.Note(name_, fmt::format("the list is {} us old", age.count()));
        world_.tallies.Count("stale list");
        world_.misled.insert(name_);
        return world_.store.Past().List(folder, options, world_.timeline.Now() - age);
    }
    world_.timeline.Sleep(world_.Pause(world_.faults.longest_call));
    const auto after = Inner().List(folder, options);
    std::map<std::string, std::vector<const ObjectInfo*>> seen;
    for (const auto* list : {&before, &after}) {
        for (const ObjectInfo& info : *list) seen[info.location].push_back(&info);
    }
    std::vector<ObjectInfo> shown;
    for (const auto& [location, states] : seen) {
        if (shown.size() == options.limit) break;
        if (states.size() == 2) {
            shown.push_back(*states[world_.Chance(500) ? 0 : 1]);
        } else if (world_.Chance(500)) {
            shown.push_back(*states.front());
        }
    }
    return shown;
}

PutOutcome ProcessStore::Put(const std::string& location, std::string_view bytes) {
    return RunPut("put", location, bytes, false);
}

PutOutcome ProcessStore::PutIfAbsent(const std::string& location, std::string_view bytes) {
    return RunPut("put-if-absent", location, bytes, true);
}

PutOutcome ProcessStore::PutIfMatch(const std::string& location, std::string_view bytes,
                                    const std::string& etag) {
    return Run("put-if-match", location, [&] { return Inner().PutIfMatch(location, bytes, etag); });
}

void ProcessStore::Delete(const std::string& location) {
    Run("delete", location, [&] { Inner().Delete(location); });
}

}  // namespace tarn::simulation
