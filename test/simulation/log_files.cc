#include "simulation/log_files.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "delta/log_path.h"
#include "format/deletion_vector.h"
#include "format/z85.h"
#include "simulation/row_engine.h"
#include "storage/whole_listing.h"

namespace tarn::simulation {
namespace {

using Json = nlohmann::json;

constexpr size_t kUuidCharacters = 20;

std::string VectorKey(const Json& action) {
    const auto vector = action.find("deletionVector");
    if (vector == action.end() || vector->is_null()) return "";
    return vector->at("storageType").get<std::string>() +
           vector->at("pathOrInlineDv").get<std::string>() + "@" +
           std::to_string(vector->value("offset", 0));
}

// The number of an operation that the application marks, if it marks one.
std::optional<size_t> OperationOf(const std::string& app_id) {
    const std::string prefix = std::string(kOperationMark) + " ";
    if (!app_id.starts_with(prefix)) return std::nullopt;
    return ParseInt(app_id.substr(prefix.size())).value();
}

}  // namespace

std::string MarkOf(size_t operation) {
    return std::string(kOperationMark) + " " + std::to_string(operation);
}

LogFiles::Vector LogFiles::ReadVector(const Json& action, size_t rows) const {
    Vector read;
    read.hidden.assign(rows, false);
    read.key = VectorKey(action);
    if (read.key.empty()) return read;
    const Json& vector = action.at("deletionVector");
    const auto text = vector.at("pathOrInlineDv").get<std::string>();
    const auto size = vector.at("sizeInBytes").get<uint64_t>();
    format::RoaringBitmap64 positions;
    if (vector.at("storageType") == "i") {
        const std::string bytes = format::DecodeZ85(text);
        positions = format::ParseDeletionVector(std::string_view(bytes).substr(0, size));
    } else {
        const std::string_view name = std::string_view(text).substr(text.size() - kUuidCharacters);
        read.location = root_ + "/deletion_vector_" + format::DecodeVectorUuid(name) + ".bin";
        const std::string bytes = store_.Get(read.location);
        positions = format::ParseDeletionVectorBlock(
            std::string_view(bytes).substr(vector.at("offset").get<size_t>(),
                                           format::DeletionVectorBlockSize(size)),
            size);
    }
    for (size_t i = 0; i < rows; ++i) read.hidden[i] = positions.Contains(i);
    const auto count =
        static_cast<uint64_t>(std::count(read.hidden.begin(), read.hidden.end(), true));
    if (count != vector.at("cardinality").get<uint64_t>()) {
        throw Error(ErrorKind::kCorrupt, "a vector hides {} rows, not what it says", count);
    }
    return read;
}

const Rows& LogFiles::RowsOf(const std::string& path) {
    const auto found = written_.find(path);
    if (found != written_.end()) return found->second;
    return written_[path] = ParseRows(store_.Get(root_ + "/" + path));
}

void LogFiles::TakeAdd(const Json& add) {
    const auto path = add.at("path").get<std::string>();
    if (!store_.Stat(root_ + "/" + path)) {
        throw Error(ErrorKind::kCorrupt, "{} is added and not there", path);
    }
    const Rows& rows = RowsOf(path);
    const Vector vector = ReadVector(add, rows.size());
    const Json stats = Json::parse(add.at("stats").get<std::string>());
    if (stats.at("numRecords") != rows.size()) {
        throw Error(ErrorKind::kCorrupt, "{} has {} rows, its statistics say other", path,
                    rows.size());
    }
    File file;
    file.vector_location = vector.location;
    for (size_t i = 0; i < rows.size(); ++i) {
        if (!vector.hidden[i]) file.rows.push_back(rows[i]);
    }
    for (const auto& [key, other] : live_) {
        if (key.first == path) throw Error(ErrorKind::kCorrupt, "{} is added twice", path);
    }
    live_.emplace(std::pair(path, vector.key), std::move(file));
}

void LogFiles::TakeRemove(const Json& remove, TimestampUs now) {
    const auto path = remove.at("path").get<std::string>();
    const auto found = live_.find({path, VectorKey(remove)});
    if (found == live_.end()) {
        throw Error(ErrorKind::kCorrupt, "{} is removed and was not live", path);
    }
    needed_until_[root_ + "/" + path] = now;
    if (!found->second.vector_location.empty()) {
        needed_until_[found->second.vector_location] = now;
    }
    live_.erase(found);
}

void LogFiles::TakeProtocol(const Json& protocol) {
    features_.clear();
    for (const char* list : {"readerFeatures", "writerFeatures"}) {
        if (!protocol.contains(list)) continue;
        for (const Json& name : protocol.at(list)) features_.insert(name.get<std::string>());
    }
}

bool LogFiles::HasProperty(const std::string& key, const std::string& value) const {
    const auto found = properties_.find(key);
    return found != properties_.end() && found->second == value;
}

int64_t LogFiles::FirstCommit() const {
    for (const auto& file : storage::ListAll(store_, delta::LogFolder(root_))) {
        const auto path = delta::ParseLogPath(storage::LastName(file.location));
        if (path.kind == delta::LogFileKind::kCommit) return path.version.number;
    }
    throw Error(ErrorKind::kCorrupt, "the log has no commit");
}

bool LogFiles::RecordsChanges() const { return HasProperty("delta.enableChangeDataFeed", "true"); }

int64_t LogFiles::GuardedBefore() const {
    const auto found = properties_.find("delta.requireCheckpointProtectionBeforeVersion");
    const bool is_guarded = features_.contains("checkpointProtection");
    return is_guarded && found != properties_.end() ? ParseInt(found->second).value() : 0;
}

void LogFiles::CheckTime(const Json& info) {
    if (!features_.contains("inCommitTimestamp") ||
        !HasProperty("delta.enableInCommitTimestamps", "true")) {
        last_time_ms_.reset();
        return;
    }
    const auto time_ms = info.at("inCommitTimestamp").get<int64_t>();
    if (last_time_ms_ && time_ms <= *last_time_ms_) {
        throw Error(ErrorKind::kCorrupt, "its time {} is not behind {}, the last commit's", time_ms,
                    *last_time_ms_);
    }
    last_time_ms_ = time_ms;
}

void LogFiles::CheckVectorsAreKnown() const {
    if (features_.contains("deletionVectors")) return;
    for (const auto& [key, file] : live_) {
        if (key.second.empty()) continue;
        throw Error(ErrorKind::kCorrupt, "{} has a deletion vector, and the protocol knows none",
                    key.first);
    }
}

LandedCommit LogFiles::Take(std::string_view commit, TimestampUs now) {
    LandedCommit landed;
    std::vector<Json> adds;
    Json info;
    for (const std::string& line : Split(commit, '\n')) {
        if (line.empty()) continue;
        const Json action = Json::parse(line);
        const std::string& kind = action.begin().key();
        const Json& body = action.begin().value();
        if (kind == "commitInfo") {
            info = body;
            if (!body.contains(kOperationMark)) continue;
            landed.operations.push_back(
                static_cast<size_t>(ParseInt(body.at(kOperationMark).get<std::string>()).value()));
        } else if (kind == "metaData") {
            properties_ = body.at("configuration");
            landed.counter = CounterOf(properties_);
        } else if (kind == "protocol") {
            TakeProtocol(body);
        } else if (kind == "cdc") {
            needed_until_[root_ + "/" + body.at("path").get<std::string>()] = now;
        } else if (kind == "txn") {
            const auto marked = OperationOf(body.at("appId"));
            if (marked) {
                landed.operations.push_back(*marked);
            } else {
                landed.batches[body.at("appId")] = body.at("version");
            }
        } else if (kind == "remove") {
            TakeRemove(body, now);
        } else if (kind == "add") {
            adds.push_back(body);
        }
    }
    for (const Json& add : adds) TakeAdd(add);
    CheckVectorsAreKnown();
    CheckTime(info);
    return landed;
}

Rows LogFiles::LiveRows() const {
    Rows rows;
    for (const auto& [key, file] : live_) {
        rows.insert(rows.end(), file.rows.begin(), file.rows.end());
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

bool LogFiles::Needs(const std::string& location) const {
    return std::any_of(live_.begin(), live_.end(), [&](const auto& entry) {
        return entry.second.vector_location == location ||
               root_ + "/" + entry.first.first == location;
    });
}

std::optional<TimestampUs> LogFiles::NeededUntil(const std::string& location) const {
    const auto found = needed_until_.find(location);
    return found == needed_until_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace tarn::simulation
