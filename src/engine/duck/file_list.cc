#include "engine/duck/file_list.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "duckdb/storage/statistics/node_statistics.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/store_file_system.h"
#include "engine/duck/table_filters.h"
#include "table/data_file_facts.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kFileOption = "tarn_file";
constexpr const char* kChangeOption = "tarn_change";
constexpr int64_t kMicrosPerMs = 1000;
constexpr uint64_t kSmallFileBytes = 256 << 10;

duckdb::OpenFileInfo ToOpen(const ListedFile& listed) {
    duckdb::OpenFileInfo info = StoreFileSystem::FileToRead(listed.file->location);
    // The list outlives the readers of its files, so that its data files can be pointed at.
    auto& options = info.extended_info->options;
    options[kFileOption] = duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(listed.file));
    if (listed.change != nullptr)
        options[kChangeOption] = duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(listed.change));
    return info;
}

table::Field ColumnOfChanges(const char* name, table::TypeKind kind) {
    table::Field field;
    field.name = name;
    field.type = table::Type(kind);
    return field;
}

// As Delta's change data feed names them.
const std::vector<table::Field>& ChangeColumns() {
    static const std::vector<table::Field> columns = {
        ColumnOfChanges("_change_type", table::TypeKind::kString),
        ColumnOfChanges("_commit_version", table::TypeKind::kLong),
        ColumnOfChanges("_commit_timestamp", table::TypeKind::kTimestamp)};
    return columns;
}

// What is known of a listed file.
class ListedFacts final : public table::FileFacts {
public:
    ListedFacts(const table::TableMetadata& metadata, const ListedFile& listed)
        : of_file_(metadata, *listed.file), change_(listed.change) {}

    table::ColumnFacts Of(const std::vector<std::string>& column) const override {
        for (size_t i = 0; change_ != nullptr && i < ChangeColumns().size(); i++) {
            if (column.front() == ChangeColumns()[i].name) return OfChange(i);
        }
        return of_file_.Of(column);
    }

private:
    table::ColumnFacts OfChange(size_t column) const {
        table::ColumnFacts facts;
        if (auto value = ChangeValue(*change_, column)) {
            facts.is_constant = true;
            facts.min = std::move(*value);
        }
        return facts;
    }

    const table::DataFileFacts of_file_;
    const ListedChange* change_;
};

std::vector<table::Predicate> ConjunctsOf(const table::Predicate& predicate) {
    if (predicate.kind() == table::Predicate::Kind::kAnd) return predicate.parts();
    return {predicate};
}

// Does every conjunct of `further` stand in `known` already.
bool Implies(const table::Predicate& known, const table::Predicate& further) {
    std::set<std::string> texts;
    for (const table::Predicate& part : ConjunctsOf(known)) texts.insert(part.ToString());
    const auto parts = ConjunctsOf(further);
    return std::all_of(parts.begin(), parts.end(), [&](const table::Predicate& part) {
        return part.IsTrue() || texts.contains(part.ToString());
    });
}

}  // namespace

std::optional<table::Value> ChangeValue(const ListedChange& change, size_t column) {
    if (column == 1) return change.version.number;
    if (column == 2) return table::Timestamp{change.committed_ms * kMicrosPerMs};
    switch (change.type) {
        case table::ChangeType::kInsert:
            return std::string("insert");
        case table::ChangeType::kDelete:
            return std::string("delete");
        case table::ChangeType::kRecorded:
            break;
    }
    return std::nullopt;
}

ScanInfo::ScanInfo(std::shared_ptr<TableEntry> entry, std::shared_ptr<Meter> meter,
                   bool shows_changes)
    : entry_(std::move(entry)),
      meter_(std::move(meter)),
      counts_(meter_->AddScan(entry_->row().name, entry_->snapshot()->AtVersion())),
      shows_changes_(shows_changes) {
    auto columns = std::make_shared<ScanColumns>();
    columns->schema = schema();
    for (size_t i = 0; i < schema().fields.size(); i++)
        columns->is_constant.push_back(entry_->PartitionIndex(i) >= 0);
    if (shows_changes) {
        columns->schema.fields.insert(columns->schema.fields.end(), ChangeColumns().begin(),
                                      ChangeColumns().end());
        columns->is_constant.insert(columns->is_constant.end(), {false, true, true});
    }
    columns_ = std::move(columns);
}

table::Predicate ScanInfo::ReadPredicate() const {
    const std::lock_guard lock(mutex_);
    return predicate_;
}

void ScanInfo::SetReadPredicate(const table::Predicate& predicate) {
    const std::lock_guard lock(mutex_);
    predicate_ = predicate;
}

void ScanInfo::Start(const table::Predicate& predicate) {
    const std::lock_guard lock(mutex_);
    predicate_ = has_started_ ? table::Predicate::Or({predicate_, predicate}) : predicate;
    has_started_ = true;
}

FileList::FileList(std::shared_ptr<ScanInfo> scan, PlannedFiles files)
    : FileList(std::move(scan), table::Predicate::True(), true,
               std::make_shared<const PlannedFiles>(std::move(files))) {}

const PlannedFiles& FileList::Planned() const {
    const std::lock_guard lock(mutex_);
    if (!files_) {
        files_ = Guarded([&] {
            auto planned = std::make_shared<PlannedFiles>();
            planned->files = scan_->entry().snapshot()->Plan(predicate_).files;
            return planned;
        });
    }
    return *files_;
}

ListedFile FileList::FileOf(const duckdb::OpenFileInfo& opened) {
    Check(opened.extended_info != nullptr, "a file of a scan");
    const auto& options = opened.extended_info->options;
    const auto file = options.find(kFileOption);
    Check(file != options.end(), "a file of a scan");
    ListedFile listed;
    listed.file = reinterpret_cast<const table::DataFile*>(file->second.GetPointer());
    if (const auto change = options.find(kChangeOption); change != options.end())
        listed.change = reinterpret_cast<const ListedChange*>(change->second.GetPointer());
    return listed;
}

bool FileList::MayMatch(const ListedFile& file, const duckdb::vector<duckdb::ColumnIndex>& columns,
                        const duckdb::TableFilterSet& filters) const {
    duckdb::vector<duckdb::column_t> ids;
    for (const auto& column : columns) ids.push_back(column.GetPrimaryIndex());
    return table::MayMatch(FromTableFilters(scan_->columns()->schema, ids, filters),
                           ListedFacts(scan_->entry().metadata(), file));
}

duckdb::unique_ptr<FileList> FileList::Narrowed(table::Predicate further) const {
    // What was pushed down while planning comes once more when the scan starts.
    if (Implies(predicate_, further)) {
        const std::lock_guard lock(mutex_);
        return duckdb::unique_ptr<FileList>(new FileList(scan_, predicate_, is_given_, files_));
    }
    auto predicate = table::Predicate::And({predicate_, std::move(further)});
    if (!is_given_) return duckdb::make_uniq<FileList>(scan_, std::move(predicate));
    const PlannedFiles& all = Planned();
    auto left = std::make_shared<PlannedFiles>();
    for (size_t i = 0; i < all.files.size(); i++) {
        const ListedFacts facts(scan_->entry().metadata(), all.At(i));
        if (!table::MayMatch(predicate, facts)) continue;
        left->files.push_back(all.files[i]);
        if (!all.changes.empty()) left->changes.push_back(all.changes[i]);
    }
    scan_->meter().files_skipped += all.files.size() - left->files.size();
    return duckdb::unique_ptr<FileList>(
        new FileList(scan_, std::move(predicate), true, std::move(left)));
}

duckdb::unique_ptr<duckdb::MultiFileList> FileList::ComplexFilterPushdown(
    duckdb::ClientContext& client, const duckdb::MultiFileOptions&,
    duckdb::MultiFilePushdownInfo& info,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const {
    if (filters.empty()) return nullptr;
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::MultiFileList> {
        FilesFilter read = FromExpressions(client, *scan_->columns(), info, filters);
        auto left = Narrowed(std::move(read.predicate));
        if (!is_given_) scan_->SetReadPredicate(left->predicate());
        const uint64_t all = is_given_ ? Files().size() : scan_->entry().snapshot()->Totals().files;
        info.extra_info.total_files = all;
        info.extra_info.filtered_files = left->Files().size();
        duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> undecided;
        for (size_t i = 0; i < filters.size(); i++) {
            if (!read.decisions[i].Holds()) {
                undecided.push_back(std::move(filters[i]));
                continue;
            }
            auto& shown = info.extra_info.file_filters;
            shown += (shown.empty() ? "" : " AND ") + filters[i]->ToString();
        }
        filters = std::move(undecided);
        return left;
    });
}

duckdb::unique_ptr<duckdb::MultiFileList> FileList::DynamicFilterPushdown(
    duckdb::ClientContext&, const duckdb::MultiFileOptions&, const duckdb::vector<std::string>&,
    const duckdb::vector<duckdb::LogicalType>&, const duckdb::vector<duckdb::column_t>& column_ids,
    duckdb::TableFilterSet& filters) const {
    if (filters.filters.empty()) return nullptr;
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::MultiFileList> {
        auto predicate = FromTableFilters(scan_->columns()->schema, column_ids, filters);
        if (predicate.IsTrue() || predicate.kind() == table::Predicate::Kind::kUnknown)
            return nullptr;
        return Narrowed(std::move(predicate));
    });
}

duckdb::vector<duckdb::OpenFileInfo> FileList::GetAllFiles() const {
    const PlannedFiles& planned = Planned();
    duckdb::vector<duckdb::OpenFileInfo> all;
    for (size_t i = 0; i < planned.files.size(); i++) all.push_back(ToOpen(planned.At(i)));
    return all;
}

// DuckDB scans a "single file" with as many threads as the file has row groups, which it would have
// counted while binding; we open no file then, so that a large one is called many to be scanned by
// all threads.
duckdb::FileExpandResult FileList::GetExpandResult() const {
    const auto& files = Files();
    if (files.empty()) return duckdb::FileExpandResult::NO_FILES;
    const bool is_small = files.size() == 1 && files[0].size_bytes < kSmallFileBytes;
    return is_small ? duckdb::FileExpandResult::SINGLE_FILE
                    : duckdb::FileExpandResult::MULTIPLE_FILES;
}

duckdb::vector<duckdb::OpenFileInfo> FileList::GetDisplayFileList(
    duckdb::optional_idx max_files) const {
    duckdb::vector<duckdb::OpenFileInfo> shown;
    for (const table::DataFile& file : Files()) {
        if (max_files.IsValid() && shown.size() >= max_files.GetIndex()) break;
        shown.emplace_back(file.location);
    }
    return shown;
}

duckdb::unique_ptr<duckdb::NodeStatistics> FileList::GetCardinality(duckdb::ClientContext&) const {
    const auto planned = [this] {
        const std::lock_guard lock(mutex_);
        return files_;
    }();
    if (!planned) {  // an estimate is not worth a plan
        const auto rows = Guarded([&] { return scan_->entry().snapshot()->EstimatedRows(); });
        return rows ? duckdb::make_uniq<duckdb::NodeStatistics>(*rows) : nullptr;
    }
    uint64_t rows = 0;
    for (const table::DataFile& file : planned->files) {
        const auto live = file.LiveRows();
        if (!live) return nullptr;
        rows += *live;
    }
    return duckdb::make_uniq<duckdb::NodeStatistics>(rows, rows);
}

duckdb::unique_ptr<duckdb::MultiFileList> FileList::Copy() const {
    const std::lock_guard lock(mutex_);
    return duckdb::unique_ptr<duckdb::MultiFileList>(
        new FileList(scan_, predicate_, is_given_, files_));
}

duckdb::OpenFileInfo FileList::GetFile(duckdb::idx_t index) const {
    const PlannedFiles& planned = Planned();
    return index < planned.files.size() ? ToOpen(planned.At(index)) : duckdb::OpenFileInfo("");
}

}  // namespace tarn::engine::duck
