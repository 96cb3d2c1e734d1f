#include "engine/duck/file_list.h"

#include "base/check.h"
#include "duckdb/storage/statistics/node_statistics.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/predicates.h"
#include "engine/duck/store_file_system.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kFileOption = "tarn_file";
constexpr uint64_t kSmallFileBytes = 256 << 10;

duckdb::OpenFileInfo ToOpen(const table::DataFile& file) {
    duckdb::OpenFileInfo info = StoreFileSystem::FileToRead(file.location);
    // The list outlives the readers of its files, so that its data files can be pointed at.
    info.extended_info->options[kFileOption] =
        duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(&file));
    return info;
}

}  // namespace

table::Predicate ScanInfo::ReadPredicate() const {
    const std::lock_guard lock(mutex_);
    return predicate_;
}

void ScanInfo::SetReadPredicate(const table::Predicate& predicate) {
    const std::lock_guard lock(mutex_);
    predicate_ = predicate;
}

FileList::FileList(std::shared_ptr<ScanInfo> scan, std::vector<table::DataFile> files)
    : scan_(std::move(scan)),
      is_given_(true),
      files_(std::make_shared<const std::vector<table::DataFile>>(std::move(files))) {}

const std::vector<table::DataFile>& FileList::Files() const {
    const std::lock_guard lock(mutex_);
    if (!files_) {
        files_ = Guarded([&] {
            return std::make_shared<const std::vector<table::DataFile>>(
                scan_->entry().snapshot()->Plan(predicate_).files);
        });
    }
    return *files_;
}

const table::DataFile& FileList::FileOf(const duckdb::OpenFileInfo& opened) {
    Check(opened.extended_info != nullptr, "a file of a scan");
    const auto found = opened.extended_info->options.find(kFileOption);
    Check(found != opened.extended_info->options.end(), "a file of a scan");
    return *reinterpret_cast<const table::DataFile*>(found->second.GetPointer());
}

duckdb::unique_ptr<duckdb::MultiFileList> FileList::ComplexFilterPushdown(
    duckdb::ClientContext&, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo& info,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const {
    if (filters.empty() || is_given_) return nullptr;
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::MultiFileList> {
        auto predicate =
            table::Predicate::And({predicate_, FromExpressions(scan_->schema(), info, filters)});
        scan_->SetReadPredicate(predicate);
        return duckdb::make_uniq<FileList>(scan_, std::move(predicate));
    });
}

duckdb::unique_ptr<duckdb::MultiFileList> FileList::DynamicFilterPushdown(
    duckdb::ClientContext&, const duckdb::MultiFileOptions&, const duckdb::vector<std::string>&,
    const duckdb::vector<duckdb::LogicalType>&, const duckdb::vector<duckdb::column_t>& column_ids,
    duckdb::TableFilterSet& filters) const {
    if (filters.filters.empty() || is_given_) return nullptr;
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::MultiFileList> {
        auto predicate = FromTableFilters(scan_->schema(), column_ids, filters);
        if (predicate.IsTrue() || predicate.kind() == table::Predicate::Kind::kUnknown)
            return nullptr;
        return duckdb::make_uniq<FileList>(
            scan_, table::Predicate::And({predicate_, std::move(predicate)}));
    });
}

duckdb::vector<duckdb::OpenFileInfo> FileList::GetAllFiles() const {
    duckdb::vector<duckdb::OpenFileInfo> all;
    for (const table::DataFile& file : Files()) all.push_back(ToOpen(file));
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
    uint64_t rows = 0;
    for (const table::DataFile& file : Files()) {
        const auto live = file.LiveRows();
        if (!live) return nullptr;
        rows += *live;
    }
    return duckdb::make_uniq<duckdb::NodeStatistics>(rows, rows);
}

duckdb::unique_ptr<duckdb::MultiFileList> FileList::Copy() const {
    const std::lock_guard lock(mutex_);
    return duckdb::unique_ptr<duckdb::MultiFileList>(new FileList(*this, files_));
}

duckdb::OpenFileInfo FileList::GetFile(duckdb::idx_t index) const {
    const auto& files = Files();
    return index < files.size() ? ToOpen(files[index]) : duckdb::OpenFileInfo("");
}

}  // namespace tarn::engine::duck
