// Damage in one byte, or a file that ends early: what a checksum guards gives an error or the same
// answer; every other byte an answer, Corrupt, Unsupported or NotFound. Never a crash, a hang or
// memory without bound.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "delta/actions.h"
#include "delta/log_path.h"
#include "delta/snapshot.h"
#include "engine/test_lake.h"
#include "engine/test_sql.h"
#include "format/deletion_vector.h"

namespace tarn {
namespace {

size_t stride = 29;

constexpr int64_t kTimeoutMs = 10'000;

enum class Guard { kNone, kChecksum };

std::string Inner(const std::string& action) {
    const size_t start = action.find(':') + 1;
    return action.substr(start, action.size() - start - 1);
}

// A partitioned table with a checkpoint, commits after it, deletion vectors and a checksum file.
class FlipTest : public testing::Test {
protected:
    void SetUp() override {
        Do("CREATE TABLE t (a BIGINT, b VARCHAR, p INTEGER) USING DELTA PARTITIONED BY (p) "
           "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', "
           "'delta.checkpointInterval' = '3')");
        Do("INSERT INTO t SELECT i, 'row ' || i, i % 2 FROM range(40) r(i)");
        Do("DELETE FROM t WHERE a IN (3, 5, 8)");
        Do("INSERT INTO t VALUES (100, 'x', 1), (101, NULL, 0)");
        Do("DELETE FROM t WHERE a = 12");
        Do("INSERT INTO t VALUES (200, 'y', 1)");
        snapshot_ = session_->Snapshot({"main", "t"});
        root_ = snapshot_->Location();
        PutVectorFile();
        snapshot_ = session_->Snapshot({"main", "t"});
        PutChecksum();
        storage::ListOptions all;
        all.recursive = true;
        for (const auto& info : lake_.store.List(root_, all)) {
            files_[info.location.substr(root_.size())] = lake_.store.Get(info.location);
        }
        expected_ = Answer(root_);
        ASSERT_NE(expected_.find("200|y|1"), std::string::npos) << expected_;
    }

    void Do(const std::string& sql) { ASSERT_NO_THROW(session_->Run(sql)) << sql; }

    // A commit that deletes the first row of a file by a deletion vector in a file.
    void PutVectorFile() {
        const auto& state = dynamic_cast<const delta::Snapshot&>(*snapshot_).State();
        format::RoaringBitmap64 rows;
        rows.Add(0);
        std::string commit;
        state.files.ForEach([&](const delta::FileView& file) {
            if (file.record_count < 2 || !commit.empty()) return;
            delta::Add add = file.ToAdd(true);
            lake_.store.Put(root_ + "/ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin",
                            format::MakeDeletionVectorFile(rows));
            delta::Remove remove;
            remove.path = add.path;
            const auto size = static_cast<int64_t>(format::SerializeDeletionVector(rows).size());
            add.deletion_vector = delta::DeletionVector{'u', "ab^-aqEH.-t@S}K{vb[*k^", 1, size, 1};
            commit = delta::SerializeAction(remove) + "\n" + delta::SerializeAction(add) + "\n";
        });
        ASSERT_FALSE(commit.empty());
        lake_.store.Put(delta::CommitLocation(root_, state.version.Next()), commit);
    }

    void PutChecksum() {
        const auto& state = dynamic_cast<const delta::Snapshot&>(*snapshot_).State();
        const std::string text =
            fmt::format(R"({{"tableSizeBytes":{},"numFiles":{},"numMetadata":1,"numProtocol":1,)"
                        R"("setTransactions":[],"metadata":{},"protocol":{}}})",
                        state.files.SizeBytes(), state.files.Count(),
                        Inner(delta::SerializeAction(*state.metadata)),
                        Inner(delta::SerializeAction(*state.protocol)));
        lake_.store.Put(fmt::format("{}/_delta_log/{:020}.crc", root_, state.version.number), text);
    }

    // The rows, or the kind of the error.
    std::string Answer(const std::string& root) {
        engine::ExecuteOptions options;
        options.timeout_ms = kTimeoutMs;
        try {
            std::string text;
            for (const engine::TextRow& row : session_->Query(
                     "SELECT a, b, p FROM delta.`" + root + "` ORDER BY ALL", options)) {
                for (const auto& value : row) text += value.value_or("NULL") + "|";
                text += "\n";
            }
            return text;
        } catch (const Error& error) {
            message_ = error.what();
            return std::string(TraitsOf(error.kind()).name);
        }
    }

    // A fresh copy of the table with one file changed: nothing of it was ever read before.
    std::string AnswerWith(const std::string& changed, const std::string& bytes) {
        const std::string root = fmt::format("{}-{}", root_, ++copies_);
        for (const auto& [name, content] : files_) {
            lake_.store.Put(root + name, name == changed ? bytes : content);
        }
        std::string answer = Answer(root);
        for (const auto& [name, content] : files_) lake_.store.Delete(root + name);
        return answer;
    }

    void Judge(const std::string& name, size_t at, const std::string& what,
               const std::string& answer, Guard guard) {
        const bool is_refusal =
            answer == "Corrupt" || answer == "Unsupported" || answer == "NotFound";
        const bool is_error = answer.find('|') == std::string::npos && !answer.empty();
        const bool is_right =
            is_refusal || (guard == Guard::kChecksum ? answer == expected_ : !is_error);
        (is_refusal ? refused_ : answered_)++;
        if (is_right) return;
        ADD_FAILURE() << name << " at byte " << at << " " << what << ": " << answer.substr(0, 200)
                      << (is_error ? " (" + message_ + ")" : "");
    }

    // The bytes of a commit whose damage the checksum file must show.
    static Guard GuardOf(const std::string& bytes, size_t at) {
        const size_t line = at == 0 ? 0 : bytes.rfind('\n', at - 1) + 1;
        const std::string_view rest = std::string_view(bytes).substr(line);
        const bool is_guarded =
            rest.starts_with(R"({"metaData")") || rest.starts_with(R"({"protocol")");
        return is_guarded ? Guard::kChecksum : Guard::kNone;
    }

    template <typename Chosen>
    void FlipAndCut(const Chosen& chosen) {
        for (const auto& [name, bytes] : files_) {
            if (!chosen(name)) continue;
            size_t start = 0;
            for (const int mask : {0x01, 0x80, 0xff, 0}) {
                start = (start + stride / 4) % stride;
                for (size_t at = start; at < bytes.size(); at += stride) {
                    std::string changed = bytes;
                    if (mask == 0) {
                        changed.resize(at);
                    } else {
                        changed[at] = static_cast<char>(changed[at] ^ mask);
                    }
                    Guard guard = Guard::kNone;
                    if (name.ends_with(".bin") || name.ends_with(".crc")) guard = Guard::kChecksum;
                    if (name.ends_with(".json") && mask != 0) guard = GuardOf(bytes, at);
                    Judge(name, at, mask == 0 ? "cut" : fmt::format("^{:02x}", mask),
                          AnswerWith(name, changed), guard);
                    if (HasFatalFailure()) return;
                }
            }
        }
        std::cout << answered_ << " answers, " << refused_ << " refusals\n";
    }

    engine::TestLake lake_;
    std::unique_ptr<engine::Session> session_ = lake_.Connect();
    table::SnapshotPtr snapshot_;
    std::string root_;
    std::map<std::string, std::string> files_;  // by name below the root
    std::string expected_;
    std::string message_;
    int copies_ = 0;
    int answered_ = 0;
    int refused_ = 0;
};

TEST_F(FlipTest, TheTableHasEveryKindOfFile) {
    const auto has = [&](std::string_view end) {
        return std::any_of(files_.begin(), files_.end(),
                           [&](const auto& file) { return file.first.ends_with(end); });
    };
    for (const char* end : {".json", ".checkpoint.parquet", "_last_checkpoint", ".crc", ".bin"}) {
        EXPECT_TRUE(has(end)) << end;
    }
    EXPECT_EQ(AnswerWith("", ""), expected_);
}

TEST_F(FlipTest, DeletionVectorsAndWhatTheChecksumFileGuards) {
    FlipAndCut(
        [](const std::string& name) { return name.ends_with(".bin") || name.ends_with(".crc"); });
}

TEST_F(FlipTest, CommitsAndTheHint) {
    FlipAndCut([](const std::string& name) {
        return name.ends_with(".json") || name.ends_with("_last_checkpoint");
    });
}

}  // namespace
}  // namespace tarn

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    constexpr std::string_view kStride = "--stride=";
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument.starts_with(kStride)) {
            tarn::stride = std::max(1UL, std::strtoul(argv[i] + kStride.size(), nullptr, 10));
        }
    }
    return RUN_ALL_TESTS();
}
