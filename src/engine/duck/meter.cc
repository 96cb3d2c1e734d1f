#include "engine/duck/meter.h"

#include <algorithm>

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
}

std::vector<std::string> Meter::Notices() const {
    const std::lock_guard lock(mutex_);
    return notices_;
}

}  // namespace tarn::engine::duck
