#include "delta/checkpoint_writer.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "delta/features.h"
#include "delta/log_path.h"
#include "delta/log_segment.h"

namespace tarn::delta {
namespace {

constexpr int64_t kDefaultInterval = 10;
constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kDefaultRetentionMs = 7 * kDayMs;

std::optional<std::string> Property(const Metadata& metadata, const char* key) {
    const auto found = metadata.configuration.find(key);
    if (found == metadata.configuration.end()) return std::nullopt;
    return found->second;
}

constexpr size_t kMaxThreads = 8;

// Calls work(0 ... count - 1) on as many threads as there are cores; the first failure comes out.
void OnAllCores(size_t count, const std::function<void(size_t)>& work) {
    std::atomic<size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto run = [&]() noexcept {
        try {
            for (size_t i = next++; i < count; i = next++) work(i);
        } catch (...) {  // a thread's boundary
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            next = count;
        }
    };
    const size_t cores = std::min<size_t>(std::thread::hardware_concurrency(), kMaxThreads);
    std::vector<std::thread> threads;
    for (size_t i = 1; i < std::min(cores, count); ++i) threads.emplace_back(run);
    run();
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

bool IsCheckpointDue(table::Version version, const Metadata& metadata) {
    int64_t interval = kDefaultInterval;
    if (const auto text = Property(metadata, "delta.checkpointInterval")) {
        interval = std::max<int64_t>(ParseInt(*text).value_or(kDefaultInterval), 1);
    }
    return version.number > 0 && version.number % interval == 0;
}

bool WantsV2Checkpoint(const Protocol& protocol, const Metadata& metadata) {
    const auto policy = Property(metadata, "delta.checkpointPolicy");
    return policy && EqualsIgnoreCase(*policy, "v2") && HasReaderFeature(protocol, "v2Checkpoint");
}

std::optional<int64_t> ParseInterval(std::string_view text) {
    std::vector<std::string> words;
    for (const std::string& word : Split(Trim(text), ' ')) {
        if (!word.empty()) words.push_back(AsciiLower(word));
    }
    if (!words.empty() && words.front() == "interval") words.erase(words.begin());
    if (words.size() != 2) return std::nullopt;
    const auto count = ParseInt(words[0]);
    std::string unit = words[1];
    if (unit.ends_with('s')) unit.pop_back();
    const std::pair<std::string_view, int64_t> units[] = {{"week", 7 * kDayMs}, {"day", kDayMs},
                                                          {"hour", 3'600'000},  {"minute", 60'000},
                                                          {"second", 1000},     {"millisecond", 1}};
    for (const auto& [name, length_ms] : units) {
        if (unit != name || !count) continue;
        int64_t total = 0;
        if (*count < 0 || __builtin_mul_overflow(*count, length_ms, &total)) return std::nullopt;
        return total;
    }
    return std::nullopt;
}

int64_t TombstoneRetentionMs(const std::map<std::string, std::string>& configuration) {
    const auto found = configuration.find("delta.deletedFileRetentionDuration");
    if (found == configuration.end()) return kDefaultRetentionMs;
    // What is not understood keeps everything: a tombstone too many harms nobody.
    return ParseInterval(found->second).value_or(INT64_MAX);
}

void CheckpointWriter::Write(const LogState& state, const std::vector<Remove>& tombstones) {
    const Metadata& metadata = *state.metadata;
    const int64_t retention = TombstoneRetentionMs(metadata.configuration);
    const int64_t now_ms = ToUnixMs(clock_.Now());
    const auto removes =
        LiveTombstones(tombstones, retention > now_ms ? INT64_MIN : now_ms - retention);
    std::optional<TableShape> shape;
    if (IsEnabled(metadata.configuration, "delta.checkpoint.writeStatsAsStruct")) {
        shape = TableShape::Of(root_, *state.protocol, metadata);
    }
    const auto as_json = Property(metadata, "delta.checkpoint.writeStatsAsJson");
    const StatisticsForm form{!as_json || EqualsIgnoreCase(*as_json, "true"),
                              shape ? &*shape : nullptr};
    const Written written = WantsV2Checkpoint(*state.protocol, metadata)
                                ? WriteV2(state, removes, form)
                                : WriteClassic(state, removes, form);
    WriteHint(state, written);
}

CheckpointWriter::Written CheckpointWriter::WriteClassic(const LogState& state,
                                                         const std::vector<const Remove*>& removes,
                                                         const StatisticsForm& form) {
    const auto rows = CheckpointRows(state, removes, form);
    Written written;
    written.size_bytes = parquet_.Write(ClassicCheckpointLocation(root_, state.version), *rows);
    written.actions =
        2 + state.transactions.size() + state.domains.size() + state.files.Count() + removes.size();
    return written;
}

CheckpointWriter::Written CheckpointWriter::WriteV2(const LogState& state,
                                                    const std::vector<const Remove*>& removes,
                                                    const StatisticsForm& form) {
    auto sidecars = WriteFiles(state, form);
    if (!removes.empty()) {
        const std::string name = std::string(kRemovesPrefix) + NewUuid(clock_, random_);
        sidecars.push_back(WriteSidecar(name, *SidecarRows(*state.protocol, removes), 0));
    }
    Written written;
    std::string lines;
    const auto add = [&](const Action& action) {
        lines += SerializeAction(action) + "\n";
        ++written.actions;
    };
    add(CheckpointMetadata{state.version.number});
    add(*state.protocol);
    add(*state.metadata);
    for (const auto& [id, transaction] : state.transactions) add(transaction);
    for (const auto& [name, domain] : state.domains) add(domain);
    for (const auto& sidecar : sidecars) {
        add(sidecar->action);
        written.size_bytes += static_cast<uint64_t>(sidecar->action.size_bytes);
    }
    written.actions += state.files.Count() + removes.size();
    written.size_bytes += lines.size();
    store_.Put(UuidCheckpointLocation(root_, state.version, NewUuid(clock_, random_)), lines);
    return written;
}

CheckpointWriter::Sidecars CheckpointWriter::WriteFiles(const LogState& state,
                                                        const StatisticsForm& form) {
    const FileSet& files = state.files;
    const std::string prefix = SidecarPrefix(form);
    const SidecarPlan plan = PlanSidecars(files, prefix, [&](const StoredSidecar& sidecar) {
        const auto info = store_.Stat(sidecar.location);
        return info && info->size_bytes == static_cast<uint64_t>(sidecar.action.size_bytes);
    });
    // Names first: chance is asked by one thread.
    std::vector<std::string> names;
    for (size_t i = 0; i < plan.written.size(); ++i) {
        names.push_back(prefix + NewUuid(clock_, random_));
    }
    Sidecars written(plan.written.size());
    OnAllCores(written.size(), [&](size_t i) {
        const SidecarPlan::New& planned = plan.written[i];
        written[i] = WriteSidecar(names[i], *SidecarRows(*state.protocol, planned.pieces, form),
                                  planned.files);
    });
    RememberSidecars(files, plan, written);
    Sidecars all = plan.kept;
    all.insert(all.end(), written.begin(), written.end());
    return all;
}

std::shared_ptr<const StoredSidecar> CheckpointWriter::WriteSidecar(const std::string& name,
                                                                    table::RowSource& rows,
                                                                    uint64_t files) {
    auto sidecar = std::make_shared<StoredSidecar>();
    sidecar->action.path = name + ".parquet";
    sidecar->location = SidecarFolder(root_) + "/" + sidecar->action.path;
    sidecar->files = files;
    sidecar->action.size_bytes = static_cast<int64_t>(parquet_.Write(sidecar->location, rows));
    sidecar->action.modification_time_ms = ToUnixMs(clock_.Now());
    return sidecar;
}

// Never back to an older one, where a slow writer comes late.
void CheckpointWriter::WriteHint(const LogState& state, const Written& written) {
    const auto newest = ReadLastCheckpointHint(store_, root_);
    if (newest && *newest > state.version) return;
    nlohmann::ordered_json hint;
    hint["version"] = state.version.number;
    hint["size"] = written.actions;
    hint["sizeInBytes"] = written.size_bytes;
    hint["numOfAddFiles"] = state.files.Count();
    store_.Put(LastCheckpointLocation(root_), hint.dump());
}

}  // namespace tarn::delta
