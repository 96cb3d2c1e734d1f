#include "delta/log_path.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

namespace tarn::delta {
namespace {

constexpr size_t kVersionDigits = 20;
constexpr size_t kPartDigits = 10;
constexpr size_t kUuidCharacters = 36;

std::optional<int64_t> Digits(std::string_view text, size_t count) {
    if (text.size() != count) return std::nullopt;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    return value;
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

bool IsUuid(std::string_view text) {
    if (text.size() != kUuidCharacters) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool is_dash_place = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = text[i];
        const bool is_hex =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (is_dash_place ? c != '-' : !is_hex) return false;
    }
    return true;
}

// What follows the version in the name of a checkpoint; false: a stranger.
bool ReadCheckpointName(std::string_view rest, LogPath& path) {
    if (rest == "parquet") {
        path.kind = LogFileKind::kClassicCheckpoint;
        return true;
    }
    path.is_json = TakeSuffix(rest, ".json");
    if (!path.is_json && !TakeSuffix(rest, ".parquet")) return false;
    if (IsUuid(rest)) {
        path.kind = LogFileKind::kUuidCheckpoint;
        return true;
    }
    if (path.is_json || rest.size() != 2 * kPartDigits + 1 || rest[kPartDigits] != '.')
        return false;
    const auto part = Digits(rest.substr(0, kPartDigits), kPartDigits);
    const auto parts = Digits(rest.substr(kPartDigits + 1), kPartDigits);
    if (!part || !parts || *part < 1 || *part > *parts || *parts > INT32_MAX) return false;
    path.kind = LogFileKind::kMultiPartCheckpoint;
    path.part = static_cast<uint32_t>(*part);
    path.parts = static_cast<uint32_t>(*parts);
    return true;
}

// ".<last version>.compacted.json" after the first version; false: a stranger.
bool ReadCompactionName(std::string_view rest, LogPath& path) {
    if (!TakeSuffix(rest, ".compacted.json") || !rest.starts_with('.')) return false;
    const auto last = Digits(rest.substr(1), kVersionDigits);
    if (!last || *last <= path.first_version.number) return false;
    path.kind = LogFileKind::kCompaction;
    path.version = {*last};
    path.is_json = true;
    return true;
}

}  // namespace

LogPath ParseLogPath(std::string_view name) {
    LogPath path;
    const auto version = name.size() > kVersionDigits
                             ? Digits(name.substr(0, kVersionDigits), kVersionDigits)
                             : std::nullopt;
    if (!version) return path;
    path.version = path.first_version = {*version};
    std::string_view rest = name.substr(kVersionDigits);
    constexpr std::string_view kCheckpoint = ".checkpoint.";
    if (rest == ".json") {
        path.kind = LogFileKind::kCommit;
        path.is_json = true;
    } else if (rest == ".crc") {
        path.kind = LogFileKind::kChecksum;
    } else if (rest.starts_with(kCheckpoint)) {
        rest.remove_prefix(kCheckpoint.size());
        if (!ReadCheckpointName(rest, path)) return {};
    } else if (!ReadCompactionName(rest, path)) {
        return {};
    }
    return path;
}

std::string LogFolder(const std::string& root) { return root + "/_delta_log"; }

std::string CommitLocation(const std::string& root, table::Version version) {
    return fmt::format("{}/{:020}.json", LogFolder(root), version.number);
}

std::string ClassicCheckpointLocation(const std::string& root, table::Version version) {
    return fmt::format("{}/{:020}.checkpoint.parquet", LogFolder(root), version.number);
}

std::string UuidCheckpointLocation(const std::string& root, table::Version version,
                                   const std::string& uuid) {
    return fmt::format("{}/{:020}.checkpoint.{}.json", LogFolder(root), version.number, uuid);
}

std::string LastCheckpointLocation(const std::string& root) {
    return LogFolder(root) + "/_last_checkpoint";
}

std::string ChecksumLocation(const std::string& root, table::Version version) {
    return fmt::format("{}/{:020}.crc", LogFolder(root), version.number);
}

std::string CompactionLocation(const std::string& root, table::Version first, table::Version last) {
    return fmt::format("{}/{:020}.{:020}.compacted.json", LogFolder(root), first.number,
                       last.number);
}

std::string SidecarFolder(const std::string& root) { return LogFolder(root) + "/_sidecars"; }

std::string BeforeVersionLocation(const std::string& root, table::Version version) {
    return fmt::format("{}/{:020}", LogFolder(root), version.number);
}

}  // namespace tarn::delta
