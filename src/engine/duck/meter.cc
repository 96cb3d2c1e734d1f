#include "engine/duck/meter.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::engine::duck {
namespace {

void AddOnce(std::vector<TableVersionUse>& uses, TableVersionUse use) {
    const bool is_known = std::any_of(uses.begin(), uses.end(), [&](const TableVersionUse& other) {
        return other.version == use.version && other.table.schema == use.table.schema &&
               other.table.name == use.table.name;
    });
    if (!is_known) uses.push_back(std::move(use));
}

}  // namespace

void ScanMeter::Start(const table::Predicate& predicate, uint64_t table_rows) {
    const std::lock_guard lock(mutex_);
    AddFilters(predicate);
    table_rows_ = std::max(table_rows_, table_rows);
    has_started_ = true;
}

// A test for NULL stands beside most others, and tells little of a layout.
void ScanMeter::AddFilters(const table::Predicate& predicate) {
    using Kind = table::Predicate::Kind;
    switch (predicate.kind()) {
        case Kind::kCompare:
        case Kind::kIn:
            return AddFilter(predicate.column());
        case Kind::kWhere:
            for (const auto& column : predicate.columns()) AddFilter(column);
            return;
        case Kind::kAnd:
        case Kind::kOr:
        case Kind::kNot:
            for (const table::Predicate& part : predicate.parts()) AddFilters(part);
            return;
        case Kind::kTrue:
        case Kind::kFalse:
        case Kind::kIsNull:
        case Kind::kIsNotNull:
        case Kind::kUnknown:
            return;
    }
}

void ScanMeter::AddFilter(const std::vector<std::string>& column) {
    if (filters_.size() < kMostFilters) filters_.insert(Join(column, "."));
}

bool ScanMeter::HasStarted() const {
    const std::lock_guard lock(mutex_);
    return has_started_;
}

TableScan ScanMeter::Read() const {
    const std::lock_guard lock(mutex_);
    const uint64_t groups = row_groups;
    const uint64_t groups_read = std::min<uint64_t>(row_groups_read, groups);
    return {table_,
            {filters_.begin(), filters_.end()},
            files_read,
            files_skipped,
            bytes,
            rows,
            table_rows_,
            groups_read,
            groups - groups_read,
            version_};
}

std::shared_ptr<ScanMeter> Meter::AddScan(const TableName& table, table::Version version) {
    auto scan = std::make_shared<ScanMeter>(table, version);
    const std::lock_guard lock(mutex_);
    if (scans_.size() < kMostScans) scans_.push_back(scan);
    return scan;
}

void Meter::AddRead(TableVersionUse use) {
    const std::lock_guard lock(mutex_);
    AddOnce(read_, std::move(use));
}

void Meter::AddWritten(TableVersionUse use) {
    const std::lock_guard lock(mutex_);
    AddOnce(written_, std::move(use));
}

void Meter::AddNotice(std::string words) {
    const std::lock_guard lock(mutex_);
    if (std::find(notices_.begin(), notices_.end(), words) == notices_.end())
        notices_.push_back(std::move(words));
}

void Meter::AddView(const DirectoryEntry& view) {
    LineageDataset dataset;
    dataset.kind = DatasetKind::kView;
    dataset.name = view.name;
    dataset.id = view.id;
    const std::lock_guard lock(mutex_);
    const bool is_known = std::any_of(views_.begin(), views_.end(),
                                      [&](const auto& other) { return other.id == dataset.id; });
    if (!is_known && views_.size() < kMostViews) views_.push_back(std::move(dataset));
}

std::vector<LineageDataset> Meter::Views() const {
    const std::lock_guard lock(mutex_);
    return views_;
}

void Meter::SetLineage(std::shared_ptr<const StatementLineage> lineage) {
    const std::lock_guard lock(mutex_);
    lineage_ = std::move(lineage);
}

void Meter::CopyTo(StatementStats& stats) const {
    stats.bytes_read = bytes_read;
    stats.bytes_written = bytes_written;
    stats.files_read = files_read;
    stats.files_skipped = files_skipped;
    stats.files_written = files_written;
    stats.commit_attempts = commit_attempts;
    stats.reruns = reruns;
    const std::lock_guard lock(mutex_);
    stats.read = read_;
    stats.written = written_;
    stats.lineage = lineage_;
    stats.scans.clear();
    stats.row_groups_read = 0;
    stats.row_groups_skipped = 0;
    for (const auto& scan : scans_) {
        if (!scan->HasStarted()) continue;
        stats.scans.push_back(scan->Read());
        stats.row_groups_read += stats.scans.back().row_groups_read;
        stats.row_groups_skipped += stats.scans.back().row_groups_skipped;
    }
}

void Meter::WriteScans(std::ostream& out) const {
    const std::lock_guard lock(mutex_);
    for (const auto& scan : scans_) {
        if (!scan->HasStarted()) continue;
        const TableScan read = scan->Read();
        out << fmt::format(
            "{} version {}: Files Read: {}, Files Skipped: {}, Row Groups Read: {}, "
            "Row Groups Skipped: {}, Bytes of Files: {}\n",
            read.table.ToString(), read.version.number, read.files_read, read.files_skipped,
            read.row_groups_read, read.row_groups_skipped, read.bytes);
    }
}

std::vector<std::string> Meter::Notices() const {
    const std::lock_guard lock(mutex_);
    return notices_;
}

}  // namespace tarn::engine::duck
