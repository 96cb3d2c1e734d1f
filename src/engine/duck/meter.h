// What one statement does, counted while it runs. Thread-safe: operators and file handles add to
// it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "engine/session.h"

namespace tarn::engine::duck {

class Meter {
public:
    std::atomic<uint64_t> bytes_read{0};
    std::atomic<uint64_t> bytes_written{0};
    std::atomic<uint64_t> files_read{0};
    std::atomic<uint64_t> files_skipped{0};
    std::atomic<uint64_t> files_written{0};
    std::atomic<uint64_t> commit_attempts{0};
    std::atomic<uint64_t> reruns{0};

    void AddRead(TableVersionUse use);
    void AddWritten(TableVersionUse use);
    void AddNotice(std::string words);

    // Copies the counters into `stats`; rows and times are the result's to set.
    void CopyTo(StatementStats& stats) const;
    std::vector<std::string> Notices() const;

private:
    mutable std::mutex mutex_;
    std::vector<TableVersionUse> read_;
    std::vector<TableVersionUse> written_;
    std::vector<std::string> notices_;
};

}  // namespace tarn::engine::duck
