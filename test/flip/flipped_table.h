// A small table, and copies of it with one byte of one file changed or one file cut: each is read
// once, and what it answers is judged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "delta/snapshot.h"
#include "engine/test_lake.h"

namespace tarn {

// Every so manieth byte is changed.
extern size_t flip_stride;

// A table that some test builds in `t`.
class FlippedTable : public testing::Test {
protected:
    explicit FlippedTable(const delta::FormatOptions& options = {}) : lake_({}, false, options) {
        // No copy is read twice, and what the engine keeps of each would hide what a byte takes.
        Do("SET enable_external_file_cache = false");
    }

    void Do(const std::string& sql) { ASSERT_NO_THROW(session_->Run(sql)) << sql; }
    const delta::LogState& State();
    // Takes the table as it is now for the whole one; its rows must have this text in them.
    void Remember(const std::string& text);

    // The rows, or the kind of the error.
    std::string Answer(const std::string& root);
    // The same of a fresh copy of the table with one file changed: nothing of it was read before.
    std::string AnswerWith(const std::string& changed, const std::string& bytes);

    enum class Guard { kNone, kChecksum };
    // Flips bits of these files and cuts them; what `guard_of` says of a byte is held against the
    // answer.
    void FlipAndCut(
        const std::function<bool(const std::string& name)>& chosen,
        const std::function<Guard(const std::string& name, size_t at, bool is_cut)>& guard_of = {});

    engine::TestLake lake_;
    std::unique_ptr<engine::Session> session_ = lake_.Connect();
    table::SnapshotPtr snapshot_;
    std::string root_;
    std::map<std::string, std::string> files_;  // by name below the root
    std::string expected_;

private:
    void Judge(const std::string& where, const std::string& answer, Guard guard);

    std::string message_;
    int copies_ = 0;
    int same_ = 0;
    int other_ = 0;
    int refused_ = 0;
};

}  // namespace tarn
