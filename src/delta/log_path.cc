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

}  // namespace

LogPath ParseLogPath(std::string_view name) {
    LogPath path;
    const auto version = name.size() > kVersionDigits
                             ? Digits(name.substr(0, kVersionDigits), kVersionDigits)
                             : std::nullopt;
    if (!version) return path;
    path.version = {*version};
    std::string_view rest = name.substr(kVersionDigits);
    if (rest == ".json") {
        path.kind = LogFileKind::kCommit;
        path.is_json = true;
        return path;
    }
    if (!rest.starts_with(".checkpoint.")) return path;
    rest.remove_prefix(std::string_view(".checkpoint.").size());
    if (rest == "parquet") {
        path.kind = LogFileKind::kClassicCheckpoint;
        return path;
    }
    const bool is_json = TakeSuffix(rest, ".json");
    if (!is_json && !TakeSuffix(rest, ".parquet")) return path;
    if (IsUuid(rest)) {
        path.kind = LogFileKind::kUuidCheckpoint;
        path.is_json = is_json;
        return path;
    }
    if (is_json || rest.size() != 2 * kPartDigits + 1 || rest[kPartDigits] != '.') return path;
    const auto part = Digits(rest.substr(0, kPartDigits), kPartDigits);
    const auto parts = Digits(rest.substr(kPartDigits + 1), kPartDigits);
    if (!part || !parts || *part < 1 || *part > *parts || *parts > INT32_MAX) return path;
    path.kind = LogFileKind::kMultiPartCheckpoint;
    path.part = static_cast<uint32_t>(*part);
    path.parts = static_cast<uint32_t>(*parts);
    return path;
}

std::string LogFolder(const std::string& root) { return root + "/_delta_log"; }

std::string CommitLocation(const std::string& root, table::Version version) {
    return fmt::format("{}/{:020}.json", LogFolder(root), version.number);
}

std::string ClassicCheckpointLocation(const std::string& root, table::Version version) {
    return fmt::format("{}/{:020}.checkpoint.parquet", LogFolder(root), version.number);
}

std::string LastCheckpointLocation(const std::string& root) {
    return LogFolder(root) + "/_last_checkpoint";
}

std::string BeforeVersionLocation(const std::string& root, table::Version version) {
    return fmt::format("{}/{:020}", LogFolder(root), version.number);
}

}  // namespace tarn::delta
