#include "ingest/ledger.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"

namespace tarn::ingest {

namespace {

constexpr int kListFormat = 1;
constexpr size_t kNumberDigits = 20;
constexpr std::string_view kAppPrefix = "tarn:ingest:";
constexpr std::string_view kSuffix = ".jsonl";

using Json = nlohmann::ordered_json;

std::string HeaderLine(const BatchList& list, const std::string& app_id) {
    const Json header = {{"format", kListFormat},
                         {"app_id", app_id},
                         {"batch", list.number},
                         {"batch_id", list.batch_id},
                         {"files", list.files.size()}};
    return header.dump() + "\n";
}

std::string FileLine(const LandedFile& file) {
    const Json line = {
        {"path", file.path}, {"size_bytes", file.size_bytes},   {"sha256", file.sha256},
        {"etag", file.etag}, {"modified_ms", file.modified_ms}, {"read_ms", file.read_ms},
        {"rows", file.rows}, {"rows_marked", file.rows_marked}};
    return line.dump() + "\n";
}

LandedFile FileOf(const Json& line) {
    LandedFile file;
    file.path = line.at("path").get<std::string>();
    file.size_bytes = line.at("size_bytes").get<uint64_t>();
    file.sha256 = line.at("sha256").get<std::string>();
    file.etag = line.at("etag").get<std::string>();
    file.modified_ms = line.at("modified_ms").get<int64_t>();
    file.read_ms = line.at("read_ms").get<int64_t>();
    file.rows = line.at("rows").get<int64_t>();
    file.rows_marked = line.at("rows_marked").get<int64_t>();
    return file;
}

}  // namespace

Ledger::Ledger(storage::ObjectStore& store, const std::string& table_location,
               const std::string& app_id)
    : store_(store), app_id_(app_id) {
    Check(app_id.starts_with(kAppPrefix), "an application id of ingest");
    folder_ =
        storage::JoinLocation(table_location, "_tarn/ingest/" + app_id.substr(kAppPrefix.size()));
}

void Ledger::Write(const BatchList& list) {
    std::string text = HeaderLine(list, app_id_);
    for (const LandedFile& file : list.files) text += FileLine(file);
    const std::string name =
        fmt::format("{:0{}}-{}{}", list.number, kNumberDigits, list.batch_id, kSuffix);
    const std::string location = storage::JoinLocation(folder_, name);
    // The name is this batch's own, so a write whose answer was lost may simply be done again.
    for (int attempt = 0; attempt < 3; ++attempt) {
        if (store_.Put(location, text) == storage::PutOutcome::kDone) return;
    }
    throw Error(ErrorKind::kUnavailable, "the list of a batch's files could not be written at {}",
                location);
}

std::vector<Ledger::Claim> Ledger::Claims() const {
    std::vector<Claim> claims;
    storage::ListOptions options;
    while (true) {
        const auto objects = store_.List(folder_, options);
        for (const storage::ObjectInfo& object : objects) {
            const std::string_view name = storage::LastName(object.location);
            if (!name.ends_with(kSuffix) || name.size() < kNumberDigits + 1 + kSuffix.size())
                continue;
            const auto number = ParseInt(name.substr(0, kNumberDigits));
            if (!number) continue;
            const std::string_view id =
                name.substr(kNumberDigits + 1, name.size() - kNumberDigits - 1 - kSuffix.size());
            claims.push_back({*number, std::string(id), object.location});
        }
        if (objects.size() < options.limit) return claims;
        options.start_after = objects.back().location;
    }
}

// One claim for each committed number.
std::vector<Ledger::Claim> Ledger::Resolve(const std::vector<Claim>& claims, int64_t committed,
                                           const HasRows& has_rows) {
    std::map<int64_t, std::vector<Claim>> by_number;
    std::set<std::string> doubtful;
    for (const Claim& claim : claims) {
        if (claim.number <= committed) by_number[claim.number].push_back(claim);
    }
    for (const auto& [number, rivals] : by_number) {
        if (rivals.size() < 2) continue;
        for (const Claim& claim : rivals) doubtful.insert(claim.batch_id);
    }
    const std::set<std::string> present = doubtful.empty() ? doubtful : has_rows(doubtful);
    std::vector<Claim> winners;
    for (auto& [number, rivals] : by_number) {
        if (rivals.size() == 1) {
            winners.push_back(rivals[0]);
            continue;
        }
        const auto won = std::find_if(rivals.begin(), rivals.end(), [&](const Claim& claim) {
            return present.contains(claim.batch_id);
        });
        // None has rows: the batch that won had none, so landing its files again doubles nothing.
        if (won == rivals.end()) continue;
        winners.push_back(*won);
        for (const Claim& loser : rivals) {
            if (loser.batch_id != won->batch_id) store_.Delete(loser.location);
        }
    }
    for (int64_t number = 1; number <= committed; ++number) {
        if (by_number.contains(number)) continue;
        throw Error(ErrorKind::kCorrupt,
                    "the table has batch {} of {}, and its list of files is missing under {}: "
                    "without it files "
                    "would land twice; restore the folder from a backup, or land into a new table",
                    number, app_id_, folder_);
    }
    return winners;
}

void Ledger::Read(const Claim& claim, LedgerState& state) const {
    const std::string text = store_.Get(claim.location, kMaxListBytes);
    size_t count = 0;
    size_t expected = 0;
    try {
        const std::vector<std::string> lines = Split(text, '\n');
        const Json header = Json::parse(lines.at(0));
        if (header.at("format").get<int>() != kListFormat) {
            throw Error(ErrorKind::kUnsupported, "{} was written by a newer Tarn", claim.location);
        }
        expected = header.at("files").get<size_t>();
        for (size_t i = 1; i < lines.size(); ++i) {
            if (lines[i].empty()) continue;
            LandedFile file = FileOf(Json::parse(lines[i]));
            state.files[file.path].push_back(std::move(file));
            ++count;
        }
    } catch (const nlohmann::json::exception& mistake) {
        throw Error(ErrorKind::kCorrupt, "{} is no list of a batch's files: {}", claim.location,
                    mistake.what());
    }
    if (count != expected) {
        throw Error(ErrorKind::kCorrupt, "{} names {} files instead of {}", claim.location, count,
                    expected);
    }
    state.batch_ids.insert(claim.batch_id);
}

LedgerState Ledger::Load(int64_t committed, const HasRows& has_rows) {
    LedgerState state;
    state.next_number = committed + 1;
    for (const Claim& claim : Resolve(Claims(), committed, has_rows)) Read(claim, state);
    return state;
}

}  // namespace tarn::ingest
