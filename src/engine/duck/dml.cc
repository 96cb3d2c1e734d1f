#include "engine/duck/dml.h"

#include <algorithm>

#include "duckdb/common/types/vector.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/change_builder.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/rewrite.h"
#include "engine/duck/transaction.h"

namespace tarn::engine::duck {
namespace {

// Of two sorted lists.
bool HaveCommon(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
    auto left = a.begin();
    auto right = b.begin();
    while (left != a.end() && right != b.end()) {
        if (*left == *right) return true;
        *left < *right ? ++left : ++right;
    }
    return false;
}

// A file with a deletion vector must tell how many rows it holds.
bool HasRecordCount(const table::DataFile& file) {
    return file.statistics && file.statistics->record_count;
}

}  // namespace

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

std::shared_ptr<TableEntry> EntryToWriteRows(duckdb::ClientContext& client,
                                             duckdb::TableCatalogEntry& target,
                                             table::RowsThere rows) {
    auto entry = EntryToWrite(client, target);
    NamingTable(entry->row().name, [&] { entry->snapshot()->CheckWritable(rows); });
    return entry;
}

RowChanges::RowChanges(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry)
    : entry_(std::move(entry)),
      rules_(entry_->snapshot()->Rules()),
      target_(MovedRowsTarget(*entry_)),
      writer_(client, target_, LimitsOfWriter(rules_.records_changes)) {
    if (rules_.records_changes) recorder_.emplace(client, *entry_);
}

RowChanges::Local RowChanges::MakeLocal(RowAction action) const {
    Local local;
    local.action = action;
    local.writer = writer_.MakeLocal();
    if (recorder_) local.recorder = recorder_->MakeLocal();
    if (rules_.row_tracking) local.identity = std::make_unique<RowIdentity>(*entry_);
    return local;
}

void RowChanges::Write(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows,
                       duckdb::Vector* ids) {
    if (!rules_.row_tracking) return writer_.Sink(execution, *local.writer, rows);
    duckdb::DataChunk moved;
    moved.InitializeEmpty(target_->row_types);
    const size_t own = rows.ColumnCount();
    for (size_t i = 0; i < own; i++) moved.data[i].Reference(rows.data[i]);
    // A row that was changed is as new as the commit.
    for (size_t i = own; i < moved.ColumnCount(); i++)
        moved.data[i].Reference(duckdb::Value(duckdb::LogicalType::BIGINT));
    if (ids != nullptr) moved.data[own].Reference(*ids);
    moved.SetCardinality(rows.size());
    writer_.Sink(execution, *local.writer, moved);
}

void RowChanges::InsertRows(duckdb::ExecutionContext& execution, Local& local,
                            duckdb::DataChunk& rows) {
    Write(execution, local, rows, nullptr);
    local.inserted += rows.size();
    if (local.recorder) recorder_->Record(execution, *local.recorder, rows, kInserted);
}

void RowChanges::UpdateRows(duckdb::ExecutionContext& execution, Local& local,
                            duckdb::DataChunk& rows, duckdb::Vector& row_ids,
                            duckdb::Vector* ids_in_file) {
    DeleteRows(local, row_ids, rows.size());
    if (local.identity && ids_in_file != nullptr) {
        duckdb::Vector ids(duckdb::LogicalType::BIGINT);
        local.identity->FillIds(row_ids, *ids_in_file, rows.size(), ids);
        Write(execution, local, rows, &ids);
    } else {
        Write(execution, local, rows, nullptr);
    }
    if (local.recorder) recorder_->Record(execution, *local.recorder, rows, kAfterUpdate);
}

void RowChanges::DeleteRows(Local& local, duckdb::Vector& row_ids, duckdb::idx_t count) const {
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
    if (local.recorder) recorder_->Combine(execution, *local.recorder);
    const std::lock_guard lock(mutex_);
    Ids& gone = local.action == RowAction::kUpdate ? updated_ : deleted_;
    gone.insert(gone.end(), local.gone.begin(), local.gone.end());
    inserted_rows_ += local.inserted;
    local.gone.clear();
}

void RowChanges::CheckEachOnce(const Rule& rule) {
    std::sort(updated_.begin(), updated_.end());
    std::sort(deleted_.begin(), deleted_.end());
    const auto twice = std::unique(deleted_.begin(), deleted_.end());
    const bool is_twice = (twice != deleted_.end() && !rule.may_match_twice) ||
                          std::adjacent_find(updated_.begin(), updated_.end()) != updated_.end() ||
                          HaveCommon(updated_, deleted_);
    if (is_twice) {
        throw Error(
            ErrorKind::kInvalidInput,
            "{}: a row of {} matches more than one row of the source; make the source unique first",
            rule.operation, entry_->row().name.ToString());
    }
    deleted_.erase(twice, deleted_.end());
}

std::vector<TouchedFile> RowChanges::TouchedBy(const Ids& ids) {
    std::vector<TouchedFile> touched;
    std::optional<int64_t> last;
    for (const int64_t id : ids) {
        const int64_t number = id >> kRowBits;
        if (number != last) touched.push_back({entry_->FileNumbered(number), {}});
        last = number;
        touched.back().gone.push_back(static_cast<uint64_t>(id & kRowMask));
    }
    return touched;
}

std::vector<TouchedFile> RowChanges::SettleFiles(LakeTransaction& transaction) {
    Ids gone;
    gone.reserve(RowsGone());
    std::merge(updated_.begin(), updated_.end(), deleted_.begin(), deleted_.end(),
               std::back_inserter(gone));
    std::vector<TouchedFile> rewritten;
    for (TouchedFile& touched : TouchedBy(gone)) {
        const bool is_whole = touched.file.LiveRows() == touched.gone.size();
        // A file that this transaction wrote itself is no one else's yet: it is written again.
        if (!is_whole && rules_.hides_rows && HasRecordCount(touched.file) &&
            !transaction.HasAdded(touched.file)) {
            hidden_.push_back({std::move(touched.file), std::move(touched.gone)});
            continue;
        }
        removed_.push_back(touched.file);
        if (!is_whole) rewritten.push_back(std::move(touched));
    }
    return rewritten;
}

void RowChanges::Finish(duckdb::Pipeline& pipeline, duckdb::Event& event,
                        const duckdb::PhysicalOperator& running, const Rule& rule) {
    duckdb::ClientContext& client = pipeline.GetClientContext();
    CheckEachOnce(rule);
    std::vector<std::unique_ptr<RowPass>> passes;
    const auto record = [&](const Ids& ids, const char* type) {
        if (!recorder_ || ids.empty()) return;
        passes.push_back(
            RowPass::OverGone(client, entry_, TouchedBy(ids), recorder_->TakerOf(type)));
    };
    record(updated_, kBeforeUpdate);
    record(deleted_, kDeleted);
    auto& transaction = LakeTransaction::Of(client, entry_->ParentCatalog());
    std::vector<TouchedFile> rewritten = SettleFiles(transaction);
    if (!rewritten.empty()) {
        passes.push_back(
            RowPass::OverRemaining(client, entry_, std::move(rewritten), ToWriter(writer_)));
    }
    const uint64_t rows_added = writer_.RowsWritten();
    RunInPipeline(pipeline, event, running, std::move(passes),
                  [this, &client, rule, rows_added] { Stage(client, rule, rows_added); });
}

// The transaction adds what the statement's scans read; with no scan of the table left, nothing was
// read.
void RowChanges::Stage(duckdb::ClientContext& client, const Rule& rule, uint64_t rows_added) {
    std::vector<table::DataFile> added = writer_.Finish(client);
    ChangeBuilder builder(client, rule.operation);
    builder.SetWritten(std::move(added), rows_added);
    builder.SetCounts(
        {inserted_rows_, updated_.size(), deleted_.size(), writer_.RowsWritten() - rows_added});
    Meter& meter = *ClientState::Of(client).meter;
    meter.rows_inserted += inserted_rows_;
    meter.rows_updated += updated_.size();
    meter.rows_deleted += deleted_.size();
    builder.SetRemoved(std::move(removed_));
    builder.SetHidden(std::move(hidden_));
    if (recorder_) builder.SetRecorded(recorder_->Finish(client));
    table::Change change = builder.Take();
    change.reads.only_rows_it_deletes = rule.only_goers_decide;
    auto& transaction = LakeTransaction::Of(client, entry_->ParentCatalog());
    if (ClientState::Of(client).is_part) {
        transaction.Hold(*entry_, std::move(change));
    } else {
        transaction.Stage(*entry_, std::move(change));
    }
}

}  // namespace tarn::engine::duck
