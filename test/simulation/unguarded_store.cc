#include "simulation/unguarded_store.h"

#include "base/error.h"
#include "base/text.h"

namespace tarn::simulation {
namespace {

constexpr DurationUs kLatestWrite = std::chrono::seconds(2);

std::string WithoutLines(const std::string& text, std::string_view action) {
    std::string kept;
    for (const std::string& line : Split(text, '\n')) {
        if (!line.empty() && !line.starts_with(action)) kept += line + "\n";
    }
    return kept;
}

std::string OnlyCommitInfo(const std::string& text) {
    std::string kept;
    for (const std::string& line : Split(text, '\n')) {
        if (line.starts_with("{\"commitInfo\"")) kept += line + "\n";
    }
    return kept;
}

std::string WithoutId(std::string text) {
    constexpr std::string_view kId = "\"txnId\"";
    const size_t at = text.find(kId);
    if (at != std::string::npos) text.replace(at, kId.size(), "\"other\"");
    return text;
}

}  // namespace

// Says that the object is there, and writes it later.
class UnguardedStore::EarlyWriter final : public storage::ObjectWriter {
public:
    EarlyWriter(World& world, std::string location)
        : world_(world), location_(std::move(location)) {}
    void Write(std::string_view bytes) override { bytes_.append(bytes); }
    uint64_t BytesWritten() const override { return bytes_.size(); }
    void Commit() override {
        world_.timeline.At(world_.timeline.Now() + world_.Pause(kLatestWrite),
                           [&world = world_, location = location_, bytes = bytes_] {
                               world.store.Put(location, bytes);
                           });
    }
    void Abort() override {}

private:
    World& world_;
    const std::string location_;
    std::string bytes_;
};

std::optional<storage::ObjectInfo> UnguardedStore::Stat(const std::string& location) {
    const bool is_of_log = location.find("/_delta_log/") != std::string::npos;
    if (guard_ == Guard::kNamedCommits && is_of_log && phase_ == Phase::kOther) return std::nullopt;
    if (guard_ == Guard::kRestoredFiles && !is_of_log && phase_ == Phase::kRestoring) {
        storage::ObjectInfo there;
        there.location = location;
        return there;
    }
    return Inner().Stat(location);
}

std::string UnguardedStore::Get(const std::string& location, uint64_t max_bytes) {
    std::string text = Inner().Get(location, max_bytes);
    if (guard_ == Guard::kCheckpointProof && phase_ == Phase::kCleaningUp) {
        const auto torn = world_.torn.find(location);
        return torn == world_.torn.end() ? text : torn->second;
    }
    if (!location.ends_with(".json")) return text;
    if (guard_ == Guard::kAppTransactions) return WithoutLines(text, "{\"txn\"");
    const bool hides_winners = (guard_ == Guard::kOptimizeLoses && phase_ == Phase::kOptimizing) ||
                               (guard_ == Guard::kRestoreLoses && phase_ == Phase::kRestoring) ||
                               (guard_ == Guard::kDropLoses && phase_ == Phase::kDropping);
    if (hides_winners) return OnlyCommitInfo(text);
    if (phase_ != Phase::kCommitting) return text;
    if (guard_ == Guard::kConflicts) return OnlyCommitInfo(text);
    if (guard_ == Guard::kReadBack) return WithoutId(std::move(text));
    return text;
}

std::unique_ptr<storage::ObjectWriter> UnguardedStore::OpenWriter(const std::string& location) {
    if (guard_ != Guard::kDurableFiles) return Inner().OpenWriter(location);
    return std::make_unique<EarlyWriter>(world_, location);
}

// What was put is judged no more.
storage::PutOutcome UnguardedStore::PutIfAbsent(const std::string& location,
                                                std::string_view bytes) {
    const auto outcome = PutUnguarded(location, bytes);
    const bool is_commit = location.ends_with(".json");
    if (is_commit && outcome == storage::PutOutcome::kDone) phase_ = Phase::kOther;
    return outcome;
}

storage::PutOutcome UnguardedStore::PutUnguarded(const std::string& location,
                                                 std::string_view bytes) {
    if (guard_ == Guard::kPutIfAbsent) return Inner().Put(location, bytes);
    if (guard_ != Guard::kDoubtfulAnswers) return Inner().PutIfAbsent(location, bytes);
    try {
        const auto outcome = Inner().PutIfAbsent(location, bytes);
        return outcome == storage::PutOutcome::kUnknown ? storage::PutOutcome::kDone : outcome;
    } catch (const Error&) {
        return storage::PutOutcome::kDone;
    }
}

}  // namespace tarn::simulation
