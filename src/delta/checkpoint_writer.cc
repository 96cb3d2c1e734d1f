#include "delta/checkpoint_writer.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "delta/features.h"
#include "delta/log_path.h"

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

}  // namespace

bool IsCheckpointDue(table::Version version, const Metadata& metadata) {
    int64_t interval = kDefaultInterval;
    if (const auto text = Property(metadata, "delta.checkpointInterval")) {
        interval = std::max<int64_t>(ParseInt(*text).value_or(kDefaultInterval), 1);
    }
    return version.number > 0 && version.number % interval == 0;
}

bool CanWriteCheckpoint(const Metadata& metadata) {
    const bool wants_struct =
        IsEnabled(metadata.configuration, "delta.checkpoint.writeStatsAsStruct");
    const auto as_json = Property(metadata, "delta.checkpoint.writeStatsAsJson");
    return !wants_struct && (!as_json || EqualsIgnoreCase(*as_json, "true"));
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

int64_t TombstoneRetentionMs(const Metadata& metadata) {
    const auto text = Property(metadata, "delta.deletedFileRetentionDuration");
    if (!text) return kDefaultRetentionMs;
    // What is not understood keeps everything: a tombstone too many harms nobody.
    return ParseInterval(*text).value_or(INT64_MAX);
}

void WriteCheckpoint(storage::ObjectStore& store, table::ParquetFiles& parquet,
                     const std::string& root, const LogState& state, int64_t now_ms) {
    const int64_t retention = TombstoneRetentionMs(*state.metadata);
    const int64_t oldest = retention > now_ms ? INT64_MIN : now_ms - retention;
    const auto rows = CheckpointRows(state, oldest);
    const uint64_t size = parquet.Write(ClassicCheckpointLocation(root, state.version), *rows);
    const auto kept = std::count_if(state.tombstones.begin(), state.tombstones.end(),
                                    [oldest](const Remove& remove) {
                                        return remove.deletion_timestamp_ms.value_or(0) >= oldest;
                                    });
    nlohmann::ordered_json hint;
    hint["version"] = state.version.number;
    hint["size"] = 2 + state.transactions.size() + state.domains.size() + state.files.Count() +
                   static_cast<uint64_t>(kept);
    hint["sizeInBytes"] = size;
    hint["numOfAddFiles"] = state.files.Count();
    store.Put(LastCheckpointLocation(root), hint.dump());
}

}  // namespace tarn::delta
