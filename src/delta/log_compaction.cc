#include "delta/log_compaction.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "delta/file_key.h"
#include "delta/log_path.h"

namespace tarn::delta {
namespace {

struct KeyHash {
    size_t operator()(const FileKey& key) const { return key.low; }
};

// What stands of several versions; the last word on each thing wins.
class Reconciled {
public:
    void BeginVersion() { added_now_.clear(); }

    void operator()(Protocol&& protocol) { protocol_ = std::move(protocol); }
    void operator()(Metadata&& metadata) { metadata_ = std::move(metadata); }
    void operator()(Transaction&& transaction) {
        transactions_.insert_or_assign(transaction.app_id, std::move(transaction));
    }
    // Removed ones, too: they undo what lies before.
    void operator()(DomainMetadata&& domain) {
        domains_.insert_or_assign(domain.domain, std::move(domain));
    }
    void operator()(Add&& add) {
        const FileKey key = KeyOf(add);
        added_now_.insert(key);
        add.data_change = false;
        files_.insert_or_assign(key, std::move(add));
    }
    void operator()(Remove&& remove) {
        const FileKey key = KeyOf(remove);
        if (added_now_.contains(key)) return;
        remove.data_change = false;
        files_.insert_or_assign(key, std::move(remove));
    }
    template <typename Other>
    void operator()(Other&&) {}

    std::string Text() const {
        std::string text;
        const auto add = [&](const Action& action) { text += SerializeAction(action) + "\n"; };
        if (protocol_) add(*protocol_);
        if (metadata_) add(*metadata_);
        for (const auto& [id, transaction] : transactions_) add(transaction);
        for (const auto& [name, domain] : domains_) add(domain);
        for (const auto& [key, file] : files_) add(file);
        return text;
    }

private:
    std::optional<Protocol> protocol_;
    std::optional<Metadata> metadata_;
    std::map<std::string, Transaction> transactions_;
    std::map<std::string, DomainMetadata> domains_;
    std::unordered_map<FileKey, Action, KeyHash> files_;
    std::unordered_set<FileKey, KeyHash> added_now_;  // by this version
};

}  // namespace

std::optional<table::Version> CompactionDue(table::Version version, const Metadata& metadata) {
    const auto found = metadata.configuration.find("delta.logCompactionInterval");
    if (found == metadata.configuration.end()) return std::nullopt;
    const auto interval = ParseInt(found->second);
    if (!interval || *interval < 2 || (version.number + 1) % *interval != 0) return std::nullopt;
    return table::Version{version.number + 1 - *interval};
}

void WriteCompaction(storage::ObjectStore& store, const std::string& root, table::Version first,
                     table::Version last) {
    std::vector<CommitFile> commits = ListCommits(store, root, first);
    std::erase_if(commits, [last](const CommitFile& commit) { return commit.version > last; });
    CheckContiguous(root, commits);
    if (commits.empty() || commits.front().version != first || commits.back().version != last) {
        return;
    }
    store.PutIfAbsent(CompactionLocation(root, first, last), CompactCommits(store, commits));
}

std::string CompactCommits(storage::ObjectStore& store, const std::vector<CommitFile>& commits) {
    Reconciled reconciled;
    for (const CommitFile& commit : commits) {
        reconciled.BeginVersion();
        ParseActions(store.Get(commit.info.location), commit.info.location, [&](Action&& action) {
            std::visit([&](auto&& one) { reconciled(std::move(one)); }, std::move(action));
        });
    }
    return reconciled.Text();
}

}  // namespace tarn::delta
