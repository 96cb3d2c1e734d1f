#include "delta/version_checksum.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "delta/features.h"

namespace tarn::delta {
namespace {

using nlohmann::json;

// With a list of all files it can be long; what it says of totals is short.
constexpr uint64_t kMaxBytes = 16ULL << 20;

constexpr const char* kTransactionRetention = "delta.setTransactionRetentionDuration";

struct VersionChecksum {
    int64_t files = 0;
    int64_t size_bytes = 0;
    Protocol protocol;
    Metadata metadata;
    std::optional<std::map<std::string, int64_t>> transactions;
    std::optional<std::map<std::string, std::string>> domains;
    std::optional<int64_t> in_commit_timestamp_ms;
};

// An action as it stands inside a checksum file, read as the log's own lines are.
template <typename Kind>
Kind ReadPart(const char* key, const json& part) {
    std::optional<Kind> read;
    ParseActions(json{{key, part}}.dump(), key, [&](Action&& action) {
        if (auto* kind = std::get_if<Kind>(&action)) read = std::move(*kind);
    });
    if (!read) throw Error(ErrorKind::kCorrupt, "'{}' is null", key);
    return *std::move(read);
}

// Nothing where an optional field is absent, null or not understood.
const json* Find(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

// nlohmann casts a number with a fraction or beyond 64 bits, whatever it is.
int64_t Whole(const json& number) {
    if (!number.is_number_integer())
        throw Error(ErrorKind::kCorrupt, "{} is no whole number", number.dump());
    return number.get<int64_t>();
}

// Throws what nlohmann or ParseActions throw of a malformed file.
VersionChecksum Read(std::string_view text) {
    const json object = json::parse(text);
    VersionChecksum checksum;
    checksum.files = Whole(object.at("numFiles"));
    checksum.size_bytes = Whole(object.at("tableSizeBytes"));
    checksum.protocol = ReadPart<Protocol>("protocol", object.at("protocol"));
    checksum.metadata = ReadPart<Metadata>("metaData", object.at("metadata"));
    if (const json* list = Find(object, "setTransactions")) {
        auto& transactions = checksum.transactions.emplace();
        for (const json& item : *list) {
            const auto transaction = ReadPart<Transaction>("txn", item);
            transactions[transaction.app_id] = transaction.version;
        }
    }
    if (const json* list = Find(object, "domainMetadata")) {
        auto& domains = checksum.domains.emplace();
        for (const json& item : *list) {
            const auto domain = ReadPart<DomainMetadata>("domainMetadata", item);
            if (!domain.removed) domains[domain.domain] = domain.configuration;
        }
    }
    if (const json* time = Find(object, "inCommitTimestampOpt")) {
        checksum.in_commit_timestamp_ms = Whole(*time);
    }
    return checksum;
}

std::optional<VersionChecksum> ReadIfWellFormed(std::string_view text) {
    try {
        return Read(text);
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool IsSameSchema(const std::string& left, const std::string& right) {
    return left == right || json::parse(left, nullptr, false) == json::parse(right, nullptr, false);
}

std::set<std::string> Features(const std::optional<std::vector<std::string>>& names) {
    if (!names) return {};
    return {names->begin(), names->end()};
}

bool IsSame(const Protocol& left, const Protocol& right) {
    return left.min_reader_version == right.min_reader_version &&
           left.min_writer_version == right.min_writer_version &&
           Features(left.reader_features) == Features(right.reader_features) &&
           Features(left.writer_features) == Features(right.writer_features);
}

bool IsSame(const Metadata& left, const Metadata& right) {
    return left.id == right.id && left.partition_columns == right.partition_columns &&
           left.configuration == right.configuration &&
           IsSameSchema(left.schema_string, right.schema_string);
}

bool HasSameTransactions(const VersionChecksum& checksum, const LogState& state) {
    // Expired ones may stand in the log still, or already not.
    if (!checksum.transactions || state.metadata->configuration.contains(kTransactionRetention)) {
        return true;
    }
    return std::equal(checksum.transactions->begin(), checksum.transactions->end(),
                      state.transactions.begin(), state.transactions.end(),
                      [](const auto& said, const auto& found) {
                          return said.first == found.first && said.second == found.second.version;
                      });
}

bool HasSameDomains(const VersionChecksum& checksum, const LogState& state) {
    if (!checksum.domains) return true;
    return std::equal(checksum.domains->begin(), checksum.domains->end(), state.domains.begin(),
                      state.domains.end(), [](const auto& said, const auto& found) {
                          return said.first == found.first &&
                                 said.second == found.second.configuration;
                      });
}

}  // namespace

bool WantsChecksums(const Metadata& metadata) {
    return IsEnabled(metadata.configuration, "delta.writeChecksumFile.enabled");
}

std::string RenderChecksum(const LogState& state, const std::string& commit_id) {
    // The body of the action's own line.
    const auto part = [](const Action& action) {
        auto line = nlohmann::ordered_json::parse(SerializeAction(action));
        return line.begin().value();
    };
    nlohmann::ordered_json checksum;
    if (!commit_id.empty()) checksum["txnId"] = commit_id;
    checksum["tableSizeBytes"] = state.files.SizeBytes();
    checksum["numFiles"] = state.files.Count();
    checksum["numMetadata"] = 1;
    checksum["numProtocol"] = 1;
    if (state.in_commit_timestamp_ms) {
        checksum["inCommitTimestampOpt"] = *state.in_commit_timestamp_ms;
    }
    auto& transactions = checksum["setTransactions"] = nlohmann::ordered_json::array();
    for (const auto& [id, transaction] : state.transactions) {
        transactions.push_back(part(transaction));
    }
    auto& domains = checksum["domainMetadata"] = nlohmann::ordered_json::array();
    for (const auto& [name, domain] : state.domains) domains.push_back(part(domain));
    checksum["metadata"] = part(*state.metadata);
    checksum["protocol"] = part(*state.protocol);
    return checksum.dump();
}

void CheckAgainst(std::string_view text, std::string_view name, const LogState& state) {
    const auto checksum = ReadIfWellFormed(text);
    if (!checksum) return;
    const auto refuse = [&](std::string_view what) {
        throw Error(ErrorKind::kCorrupt,
                    "the log replayed to version {} does not hold the {} that {} says: one of them "
                    "was damaged or changed afterwards (where only that file is wrong, delete it)",
                    state.version.number, what, name);
    };
    const auto files = static_cast<int64_t>(state.files.Count());
    const auto size_bytes = static_cast<int64_t>(state.files.SizeBytes());
    if (checksum->files != files) refuse(fmt::format("{} files (but {})", checksum->files, files));
    if (checksum->size_bytes != size_bytes) {
        refuse(fmt::format("{} bytes (but {})", checksum->size_bytes, size_bytes));
    }
    if (!IsSame(checksum->protocol, *state.protocol)) refuse("protocol");
    if (!IsSame(checksum->metadata, *state.metadata)) refuse("metadata");
    if (!HasSameTransactions(*checksum, state)) refuse("transaction identifiers");
    if (!HasSameDomains(*checksum, state)) refuse("domain metadata");
    if (checksum->in_commit_timestamp_ms && state.in_commit_timestamp_ms &&
        checksum->in_commit_timestamp_ms != state.in_commit_timestamp_ms) {
        refuse("in-commit timestamp");
    }
}

void CheckAgainst(storage::ObjectStore& store, const storage::ObjectInfo& file,
                  const LogState& state) {
    if (file.size_bytes > kMaxBytes) return;
    std::string text;
    try {
        text = store.Get(file.location, kMaxBytes);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kNotFound && error.kind() != ErrorKind::kLimitExceeded)
            throw;
        return;  // cleaned up meanwhile
    }
    CheckAgainst(text, storage::LastName(file.location), state);
}

}  // namespace tarn::delta
