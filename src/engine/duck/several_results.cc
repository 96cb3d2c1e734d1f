#include "engine/duck/several_results.h"

#include <algorithm>

namespace tarn::engine::duck {
namespace {

template <class T>
void Append(const std::vector<T>& more, std::vector<T>& all) {
    all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

bool SeveralResults::NextArrow(ArrowArray* out) {
    for (; at_ < results_.size(); at_++) {
        if (results_[at_]->NextArrow(out)) return true;
    }
    return false;
}

bool SeveralResults::NextText(std::vector<TextRow>& rows) {
    for (; at_ < results_.size(); at_++) {
        if (results_[at_]->NextText(rows)) return true;
    }
    return false;
}

const StatementStats& SeveralResults::Stats() const {
    stats_ = {};
    for (const auto& result : results_) {
        const StatementStats& one = result->Stats();
        stats_.rows_returned += one.rows_returned;
        stats_.rows_affected += one.rows_affected;
        stats_.files_read += one.files_read;
        stats_.files_skipped += one.files_skipped;
        stats_.files_written += one.files_written;
        stats_.row_groups_read += one.row_groups_read;
        stats_.row_groups_skipped += one.row_groups_skipped;
        stats_.bytes_read += one.bytes_read;
        stats_.bytes_written += one.bytes_written;
        stats_.commit_attempts += one.commit_attempts;
        stats_.reruns += one.reruns;
        stats_.queue_ms = std::max(stats_.queue_ms, one.queue_ms);
        stats_.run_ms += one.run_ms;
        Append(one.read, stats_.read);
        Append(one.written, stats_.written);
        Append(one.scans, stats_.scans);
    }
    return stats_;
}

const std::vector<std::string>& SeveralResults::Notices() const {
    notices_.clear();
    for (const auto& result : results_) Append(result->Notices(), notices_);
    return notices_;
}

}  // namespace tarn::engine::duck
