#include "engine/duck/dml.h"

#include <algorithm>

#include "duckdb/common/types/vector.hpp"
#include "engine/duck/change_builder.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/rewrite.h"
#include "engine/duck/transaction.h"

namespace tarn::engine::duck {

std::shared_ptr<TableEntry> EntryToWrite(duckdb::ClientContext& client,
                                         duckdb::TableCatalogEntry& target) {
    TableEntry& entry = TableEntry::Of(target);
    entry.core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kWrite,
                                        entry.row().name);
    if (!entry.is_latest()) {
        throw Error(ErrorKind::kInvalidInput, "{}: only the latest version of a table is written",
                    entry.row().name.ToString());
    }
    return entry.shared_from_this();
}

RowChanges::RowChanges(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry)
    : entry_(std::move(entry)),
      writer_(client,
              std::make_shared<const WriteTarget>(entry_->core(), entry_->row().name,
                                                  entry_->row().location, entry_->metadata())) {}

RowChanges::Local RowChanges::MakeLocal() const { return {writer_.MakeLocal(), {}}; }

void RowChanges::AddRows(duckdb::ExecutionContext& execution, Local& local,
                         duckdb::DataChunk& rows) {
    writer_.Sink(execution, *local.writer, rows);
}

void RowChanges::RemoveRows(Local& local, duckdb::Vector& row_ids, duckdb::idx_t count) const {
    duckdb::UnifiedVectorFormat format;
    row_ids.ToUnifiedFormat(count, format);
    const auto* ids = duckdb::UnifiedVectorFormat::GetData<int64_t>(format);
    for (duckdb::idx_t i = 0; i < count; i++) {
        const auto index = format.sel->get_index(i);
        if (format.validity.RowIsValid(index)) local.gone.push_back(ids[index]);
    }
}

void RowChanges::Combine(duckdb::ExecutionContext& execution, Local& local) {
    writer_.Combine(execution, *local.writer);
    const std::lock_guard lock(mutex_);
    gone_.insert(gone_.end(), local.gone.begin(), local.gone.end());
    local.gone.clear();
}

std::map<int64_t, std::vector<uint64_t>> RowChanges::SortedPositions(const Rule& rule) {
    std::sort(gone_.begin(), gone_.end());
    const auto twice = std::unique(gone_.begin(), gone_.end());
    if (twice != gone_.end() && !rule.may_match_twice) {
        throw Error(
            ErrorKind::kInvalidInput,
            "{}: a row of {} matches more than one row of the source; make the source unique first",
            rule.operation, entry_->row().name.ToString());
    }
    gone_.erase(twice, gone_.end());
    std::map<int64_t, std::vector<uint64_t>> positions;
    for (int64_t id : gone_)
        positions[id >> kRowBits].push_back(static_cast<uint64_t>(id & kRowMask));
    return positions;
}

uint64_t RowChanges::Finish(duckdb::ClientContext& client, const Rule& rule) {
    const auto positions = SortedPositions(rule);
    const uint64_t rows_added = writer_.RowsWritten();
    std::vector<TouchedFile> touched;
    std::vector<table::DataFile> removed;
    for (const auto& [number, rows] : positions) {
        table::DataFile file = entry_->FileNumbered(number);
        removed.push_back(file);
        if (file.LiveRows() != rows.size()) touched.push_back({std::move(file), rows});
    }
    RewriteWithout(client, entry_, touched, writer_);
    std::vector<table::DataFile> added = writer_.Finish(client);
    ChangeBuilder builder(client, rule.operation);
    builder.SetWritten(std::move(added), rows_added);
    builder.SetMetric("numCopiedRows", writer_.RowsWritten() - rows_added);
    builder.SetMetric("numDeletedRows", gone_.size());
    builder.SetRemoved(std::move(removed));
    table::Change change = builder.Take();
    // The transaction adds what the statement's scans read; with no scan of the table left, nothing
    // was read.
    LakeTransaction::Of(client, entry_->ParentCatalog()).Stage(*entry_, std::move(change));
    return gone_.size();
}

}  // namespace tarn::engine::duck
