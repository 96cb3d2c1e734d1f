#include "engine/duck/transaction.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "engine/duck/about_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/commit_result.h"
#include "engine/duck/errors.h"
#include "engine/duck/scan.h"
#include "engine/duck/spark_settings.h"

namespace tarn::engine::duck {
namespace {

// Within one transaction a location stands for one file, whatever of its rows is hidden by now.
auto FindAdded(std::vector<table::DataFile>& files, const std::string& location) {
    return std::find_if(files.begin(), files.end(),
                        [&](const table::DataFile& file) { return file.location == location; });
}

auto FindHidden(std::vector<table::RowDeletion>& deletions, const std::string& location) {
    return std::find_if(
        deletions.begin(), deletions.end(),
        [&](const table::RowDeletion& deletion) { return deletion.file.location == location; });
}

void MergeRemoved(table::Change& first, table::DataFile removed) {
    if (auto added = FindAdded(first.add, removed.location); added != first.add.end()) {
        first.add.erase(added);
        return;
    }
    // What the table has is the file as it was before rows of it were hidden.
    if (auto hidden = FindHidden(first.delete_rows, removed.location);
        hidden != first.delete_rows.end()) {
        removed = std::move(hidden->file);
        first.delete_rows.erase(hidden);
    }
    first.remove.push_back(std::move(removed));
}

void MergeHidden(table::Change& first, table::RowDeletion deletion) {
    auto hidden = FindHidden(first.delete_rows, deletion.file.location);
    if (hidden == first.delete_rows.end()) {
        first.delete_rows.push_back(std::move(deletion));
        return;
    }
    const auto old = static_cast<std::ptrdiff_t>(hidden->rows.size());
    hidden->rows.insert(hidden->rows.end(), deletion.rows.begin(), deletion.rows.end());
    std::inplace_merge(hidden->rows.begin(), hidden->rows.begin() + old, hidden->rows.end());
}

// The feed of a commit is what its change files say, if it has any.
void CheckFeed(const table::Change& one, const table::Change& other) {
    const auto changes_rows = [](const table::DataFile& file) { return file.data_change; };
    const bool is_unrecorded =
        other.change_data.empty() &&
        (std::any_of(other.add.begin(), other.add.end(), changes_rows) ||
         std::any_of(other.remove.begin(), other.remove.end(), changes_rows));
    if (one.change_data.empty() || !is_unrecorded) return;
    throw Error(ErrorKind::kUnsupported,
                "in a table with a change data feed one transaction cannot both replace whole "
                "files (OVERWRITE) and change single rows, for the feed would lack some: COMMIT "
                "between the statements");
}

// One change that does what `first` and then `second` do.
table::Change Merge(table::Change first, table::Change second) {
    CheckFeed(first, second);
    CheckFeed(second, first);
    for (table::DataFile& removed : second.remove) MergeRemoved(first, std::move(removed));
    for (table::RowDeletion& deletion : second.delete_rows) MergeHidden(first, std::move(deletion));
    std::move(second.add.begin(), second.add.end(), std::back_inserter(first.add));
    std::move(second.change_data.begin(), second.change_data.end(),
              std::back_inserter(first.change_data));
    if (first.operation != second.operation) {
        first.operation = "TRANSACTION";
        first.parameters.clear();
        first.metrics.clear();
    } else if (first.parameters.empty()) {
        // The columns that a statement brings are staged before its rows.
        first.parameters = std::move(second.parameters);
        first.metrics.merge(second.metrics);
    }
    if (second.metadata) first.metadata = second.metadata;
    std::move(second.transactions.begin(), second.transactions.end(),
              std::back_inserter(first.transactions));
    first.commit_info.merge(second.commit_info);
    first.reads.only_rows_it_deletes &= second.reads.only_rows_it_deletes;
    return first;
}

}  // namespace

LakeTransaction::LakeTransaction(duckdb::TransactionManager& transactions,
                                 duckdb::ClientContext& client, LakeCatalog& lake)
    : Transaction(transactions, client), lake_(lake) {
    lake_.Refresh();
}

LakeTransaction& LakeTransaction::Of(duckdb::ClientContext& client, duckdb::Catalog& lake) {
    Check(lake.GetCatalogType() == LakeCatalog::kType, "a transaction of the lake");
    return duckdb::Transaction::Get(client, lake).Cast<LakeTransaction>();
}

std::optional<DirectoryEntry> LakeTransaction::FindRow(const TableName& name, EntryKind kind) {
    return lake_.FindRow(name, kind);
}

std::shared_ptr<TableEntry> LakeTransaction::Table(duckdb::SchemaCatalogEntry& in_schema,
                                                   const DirectoryEntry& row,
                                                   const table::AsOf& as_of) {
    const std::lock_guard lock(mutex_);
    if (!std::holds_alternative<table::Latest>(as_of)) {
        auto entry = lake_.LoadTable(in_schema, row, as_of);
        kept_.push_back(entry);
        read_.push_back(entry->snapshot());
        return entry;
    }
    auto& entry = latest_[row.location];
    if (!entry) {
        entry = lake_.LoadTable(in_schema, row, as_of);
        kept_.push_back(entry);
        read_.push_back(entry->snapshot());
    }
    return entry;
}

std::vector<table::SnapshotPtr> LakeTransaction::ReadOf(const std::string& location) {
    const std::lock_guard lock(mutex_);
    std::vector<table::SnapshotPtr> read;
    for (const table::SnapshotPtr& snapshot : read_) {
        if (snapshot->Location() == location) read.push_back(snapshot);
    }
    return read;
}

void LakeTransaction::AddScan(std::shared_ptr<ScanInfo> scan) {
    const std::lock_guard lock(mutex_);
    scans_.push_back(std::move(scan));
}

void LakeTransaction::CheckOnlyTable(const std::string& location) const {
    const bool is_other =
        (staged_ && staged_->base->Location() != location) || creation_.has_value();
    if (is_other) {
        throw Error(ErrorKind::kUnsupported,
                    "a transaction writes one table: commit before writing another");
    }
}

void LakeTransaction::Stage(const TableEntry& entry, table::Change change) {
    const std::lock_guard lock(mutex_);
    const std::string& location = entry.row().location;
    CheckOnlyTable(location);
    if (auto held = held_.find(location); held != held_.end()) {
        held->second.operation = change.operation;
        held->second.parameters = change.parameters;
        held->second.metrics.insert(change.metrics.begin(), change.metrics.end());
        change = Merge(std::move(held->second), std::move(change));
        held_.erase(held);
    }
    const table::TableMetadata& metadata = change.metadata ? *change.metadata : entry.metadata();
    if (auto marked = identities_.Marked(location, metadata)) change.metadata = std::move(marked);
    if (staged_) {
        staged_->change = Merge(std::move(staged_->change), std::move(change));
    } else {
        staged_ = Staged{entry.row().format, entry.row().name, entry.snapshot(), std::move(change)};
    }
    // Later statements of this transaction see its own writes.
    auto seen = entry.WithSnapshot(
        NamingTable(staged_->name, [&] { return staged_->base->WithStaged(staged_->change); }));
    kept_.push_back(seen);
    latest_[location] = std::move(seen);
}

void LakeTransaction::Hold(const TableEntry& entry, table::Change change) {
    const std::lock_guard lock(mutex_);
    // Marks and words of the commit come with the change that takes this up.
    change.transactions.clear();
    change.commit_info.clear();
    held_[entry.row().location] = std::move(change);
}

bool LakeTransaction::HasAdded(const table::DataFile& file) {
    const std::lock_guard lock(mutex_);
    return staged_ && FindAdded(staged_->change.add, file.location) != staged_->change.add.end();
}

void LakeTransaction::StageCreation(Creation creation) {
    const std::lock_guard lock(mutex_);
    CheckOnlyTable(creation.location);
    if (staged_)
        throw Error(ErrorKind::kUnsupported,
                    "a transaction writes one table: commit before writing another");
    creation_ = std::move(creation);
}

table::ReadSet LakeTransaction::ReadsOf(const std::string& location) const {
    table::ReadSet reads;
    int scans = 0;
    for (const auto& scan : scans_) {
        if (scan->entry().row().location != location) continue;
        ++scans;
        table::Predicate predicate = scan->ReadPredicate();
        if (predicate.IsTrue()) reads.whole_table = true;
        reads.predicates.push_back(std::move(predicate));
    }
    if (reads.whole_table) reads.predicates.clear();
    // Another scan has found rows that stay.
    reads.only_rows_it_deletes = scans == 1;
    return reads;
}

void LakeTransaction::Commit(duckdb::ClientContext& client) {
    const std::lock_guard lock(mutex_);
    if (!creation_ && !staged_) return;
    ClientState& state = ClientState::Of(client);
    if (creation_) CommitCreation(state);
    if (staged_ && !staged_->change.IsEmpty()) CommitChange(state);
    // It is done: whoever cancels it now is not told that it was not.
    client.ClearInterrupt();
}

void LakeTransaction::CommitChange(ClientState& state) {
    const table::ReadSet reads = ReadsOf(staged_->base->Location());
    staged_->change.reads.whole_table |= reads.whole_table;
    staged_->change.reads.only_rows_it_deletes &= reads.only_rows_it_deletes;
    auto& predicates = staged_->change.reads.predicates;
    predicates.insert(predicates.end(), reads.predicates.begin(), reads.predicates.end());
    const auto outcome = NamingTable(staged_->name, [&] {
        return lake_.core().FormatNamed(staged_->format).Commit(staged_->base, staged_->change);
    });
    NoteWritten(state, staged_->name, outcome, lake_.core().parts.clock);
    const auto compacts = staged_->base->Rules().compacts_itself;
    if (compacts.value_or(IsSwitchedOn(state, SparkSwitch::kAutoCompact)))
        state.to_compact.push_back(staged_->name);
}

void LakeTransaction::CommitCreation(ClientState& state) {
    Creation& creation = *creation_;
    const auto outcome = NamingTable(creation.name, [&] {
        return lake_.core()
            .FormatNamed(creation.format)
            .Create(creation.location, *creation.metadata, creation.change);
    });
    NoteWritten(state, creation.name, outcome, lake_.core().parts.clock);
    if (creation.row) lake_.core().parts.directory.Register(*creation.row);
}

duckdb::Transaction& LakeTransactionManager::StartTransaction(duckdb::ClientContext& client) {
    auto transaction =
        Guarded([&] { return std::make_shared<LakeTransaction>(*this, client, lake_); });
    LakeTransaction& started = *transaction;
    const std::lock_guard lock(mutex_);
    running_[&started] = std::move(transaction);
    return started;
}

std::shared_ptr<LakeTransaction> LakeTransactionManager::Remove(duckdb::Transaction& transaction) {
    const std::lock_guard lock(mutex_);
    auto found = running_.find(&transaction);
    Check(found != running_.end(), "a transaction ends once");
    auto removed = std::move(found->second);
    running_.erase(found);
    return removed;
}

duckdb::ErrorData LakeTransactionManager::CommitTransaction(duckdb::ClientContext& client,
                                                            duckdb::Transaction& transaction) {
    try {
        const auto ended = Remove(transaction);
        if (client.IsInterrupted())
            throw Error(ErrorKind::kCancelled, "cancelled before the commit: nothing was changed");
        ended->Commit(client);
        return {};
    } catch (const Error& error) {
        if (ClientState* state = ClientState::TryOf(client)) state->commit_error = error;
        return ToErrorData(error);
    }
}

void LakeTransactionManager::RollbackTransaction(duckdb::Transaction& transaction) {
    Remove(transaction);
}

std::vector<table::SnapshotPtr> LakeTransactionManager::ReadOf(const std::string& location) {
    const std::lock_guard lock(mutex_);
    std::vector<table::SnapshotPtr> read;
    for (const auto& [key, transaction] : running_) {
        auto of_one = transaction->ReadOf(location);
        std::move(of_one.begin(), of_one.end(), std::back_inserter(read));
    }
    return read;
}

std::vector<table::SnapshotPtr> SnapshotsInUse(duckdb::Catalog& lake, const std::string& location) {
    auto& transactions = duckdb::TransactionManager::Get(lake.GetAttached());
    return static_cast<LakeTransactionManager&>(transactions).ReadOf(location);
}

}  // namespace tarn::engine::duck
