// Damage in one byte, or a file that ends early: what a checksum guards gives an error or the same
// answer; every other byte an answer, Corrupt, Unsupported or NotFound. Never a crash, a hang or
// memory without bound.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "delta/actions.h"
#include "delta/checkpoint_writer.h"
#include "delta/log_path.h"
#include "engine/query_rows.h"
#include "flip/flipped_table.h"
#include "format/deletion_vector.h"

namespace tarn {
namespace {

constexpr int64_t kMaxResidentKib = 512 << 10;

std::string Inner(const std::string& action) {
    const size_t start = action.find(':') + 1;
    return action.substr(start, action.size() - start - 1);
}

// A partitioned table with a checkpoint, commits after it, deletion vectors and a checksum file.
class FlipTest : public FlippedTable {
protected:
    explicit FlipTest(const delta::FormatOptions& options = {}) : FlippedTable(options) {}

    void SetUp() override {
        Do("CREATE TABLE t (a BIGINT, b VARCHAR, p INTEGER) USING DELTA PARTITIONED BY (p) "
           "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', "
           "'delta.checkpointInterval' = '3')");
        Do("INSERT INTO t SELECT i, 'row ' || i, i % 2 FROM range(40) r(i)");
        Do("DELETE FROM t WHERE a IN (3, 5, 8)");
        Do("INSERT INTO t VALUES (100, 'x', 1), (101, NULL, 0)");
        Do("DELETE FROM t WHERE a = 12");
        Do("INSERT INTO t VALUES (200, 'y', 1)");
        PutVectorFile();
        PutChecksum();
        Remember("200|y|1");
    }

    // A commit that deletes the first row of a file by a deletion vector in a file.
    void PutVectorFile() {
        const auto& state = State();
        format::RoaringBitmap64 rows;
        rows.Add(0);
        std::string commit;
        state.files.ForEach([&](const delta::FileView& file) {
            if (file.record_count < 2 || !commit.empty()) return;
            delta::Add add = file.ToAdd(true);
            const std::string vector = format::SerializeDeletionVector(rows);
            format::DeletionVectorFile file_of_vector;
            file_of_vector.Append(vector);
            lake_.store.Put(root_ + "/ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin",
                            file_of_vector.Bytes());
            delta::Remove remove;
            remove.path = add.path;
            const auto size = static_cast<int64_t>(vector.size());
            add.deletion_vector = delta::DeletionVector{'u', "ab^-aqEH.-t@S}K{vb[*k^", 1, size, 1};
            commit = delta::SerializeAction(remove) + "\n" + delta::SerializeAction(add) + "\n";
        });
        ASSERT_FALSE(commit.empty());
        lake_.store.Put(delta::CommitLocation(root_, state.version.Next()), commit);
    }

    void PutChecksum() {
        const auto& state = State();
        const std::string text =
            fmt::format(R"({{"tableSizeBytes":{},"numFiles":{},"numMetadata":1,"numProtocol":1,)"
                        R"("setTransactions":[],"metadata":{},"protocol":{}}})",
                        state.files.SizeBytes(), state.files.Count(),
                        Inner(delta::SerializeAction(*state.metadata)),
                        Inner(delta::SerializeAction(*state.protocol)));
        lake_.store.Put(fmt::format("{}/_delta_log/{:020}.crc", root_, state.version.number), text);
    }

    // The bytes of a commit whose damage the checksum file must show, and those with checksums of
    // their own.
    Guard GuardOf(const std::string& name, size_t at, bool is_cut) const {
        if (name.ends_with(".bin") || name.ends_with(".crc")) return Guard::kChecksum;
        if (!name.ends_with(".json") || is_cut) return Guard::kNone;
        const std::string& bytes = files_.at(name);
        const size_t line = at == 0 ? 0 : bytes.rfind('\n', at - 1) + 1;
        const std::string_view rest = std::string_view(bytes).substr(line);
        const bool is_guarded =
            rest.starts_with(R"({"metaData")") || rest.starts_with(R"({"protocol")");
        return is_guarded ? Guard::kChecksum : Guard::kNone;
    }
    void FlipAndCutEnding(std::initializer_list<std::string_view> ends) {
        FlipAndCut(
            [&](const std::string& name) {
                return std::any_of(ends.begin(), ends.end(),
                                   [&](std::string_view end) { return name.ends_with(end); });
            },
            [&](const std::string& name, size_t at, bool is_cut) {
                return GuardOf(name, at, is_cut);
            });
    }
};

TEST_F(FlipTest, TheTableHasEveryKindOfFile) {
    const auto has = [&](std::string_view end) {
        return std::any_of(files_.begin(), files_.end(),
                           [&](const auto& file) { return file.first.ends_with(end); });
    };
    for (const char* end : {".json", ".checkpoint.parquet", "_last_checkpoint", ".crc", ".bin"}) {
        EXPECT_TRUE(has(end)) << end;
    }
}

TEST_F(FlipTest, DeletionVectorsAndWhatTheChecksumFileGuards) {
    FlipAndCutEnding({".bin", ".crc"});
}

TEST_F(FlipTest, CommitsAndTheHint) { FlipAndCutEnding({".json", "_last_checkpoint"}); }

// The commits before it are there, so that it can be passed over.
TEST_F(FlipTest, ACheckpoint) { FlipAndCutEnding({".checkpoint.parquet"}); }

TEST_F(FlipTest, DataFiles) {
    FlipAndCut([](const std::string& name) {
        return name.ends_with(".parquet") && !name.starts_with("/_delta_log");
    });
}

// A checkpoint of the V2 spec, without the commits before it, whose files stay where they are.
class SidecarTest : public FlippedTable {
protected:
    SidecarTest() : FlippedTable({.stored_from_bytes = 0}) {}

    void SetUp() override {
        Do("CREATE TABLE t (a BIGINT, p INTEGER) USING DELTA PARTITIONED BY (p) TBLPROPERTIES "
           "('delta.enableDeletionVectors' = 'true', 'delta.checkpointInterval' = '100')");
        Do("INSERT INTO t SELECT i, i % 3 FROM range(40) r(i)");
        Do("DELETE FROM t WHERE a IN (3, 5, 8)");
        Do("INSERT INTO t VALUES (100, 1), (101, NULL)");
    }

    // Writes the sidecar and gives the actions of the checkpoint that names it, one a line.
    std::vector<std::string> PutSidecar() {
        const auto& state = State();
        const std::string sidecar = root_ + "/_delta_log/_sidecars/side.parquet";
        const uint64_t size =
            lake_.engine().Parquet().Write(sidecar, *delta::CheckpointRows(state, INT64_MAX));
        for (int64_t n = 0; n <= state.version.number; ++n)
            lake_.store.Delete(delta::CommitLocation(root_, {n}));
        return {fmt::format(R"({{"checkpointMetadata":{{"version":{}}}}})", state.version.number),
                delta::SerializeAction(*state.protocol), delta::SerializeAction(*state.metadata),
                fmt::format(R"({{"sidecar":{{"path":"side.parquet","sizeInBytes":{},)"
                            R"("modificationTime":1}}}})",
                            size)};
    }
    std::string CheckpointName(const char* end) {
        return fmt::format(
            "{}/_delta_log/{:020}.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.{}", root_,
            State().version.number, end);
    }
};

TEST_F(SidecarTest, OfACheckpointInJson) {
    const std::string name = CheckpointName("json");
    std::string text;
    for (const std::string& line : PutSidecar()) text += line + "\n";
    lake_.store.Put(name, text);
    Remember("100|1");
    FlipAndCut([](const std::string& file) { return file.starts_with("/_delta_log"); });
}

TEST_F(SidecarTest, OfACheckpointInParquet) {
    const std::string name = CheckpointName("parquet");
    std::string rows;
    for (const std::string& line : PutSidecar()) {
        const std::string kind = line.substr(2, line.find('"', 2) - 2);
        std::string json = Inner(line);
        for (size_t at = json.find('\''); at != std::string::npos; at = json.find('\'', at + 2))
            json.insert(at, 1, '\'');
        rows += (rows.empty() ? "" : " UNION ALL BY NAME ") + std::string("SELECT '") + json +
                "'::JSON AS \"" + kind + "\"";
    }
    engine::QueryRows source(session_->Execute(
        "SELECT from_json(checkpointMetadata, '{\"version\": \"BIGINT\"}') AS checkpointMetadata, "
        "from_json(protocol, '{\"minReaderVersion\": \"INTEGER\", \"minWriterVersion\": "
        "\"INTEGER\", \"readerFeatures\": [\"VARCHAR\"], \"writerFeatures\": [\"VARCHAR\"]}') "
        "AS protocol, from_json(metaData, '{\"id\": \"VARCHAR\", \"schemaString\": "
        "\"VARCHAR\", \"format\": {\"provider\": \"VARCHAR\"}, \"partitionColumns\": "
        "[\"VARCHAR\"], \"configuration\": \"MAP(VARCHAR, VARCHAR)\"}') AS metaData, "
        "from_json(sidecar, '{\"path\": \"VARCHAR\", \"sizeInBytes\": \"BIGINT\", "
        "\"modificationTime\": \"BIGINT\"}') AS sidecar FROM (" +
        rows + ")"));
    lake_.engine().Parquet().Write(name, source);
    Remember("100|1");
    FlipAndCut([](const std::string& file) { return file.starts_with("/_delta_log"); });
}

// Runs last by its name's place in this file.
TEST(FlipMemory, StaysInBounds) {
    rusage usage{};
    ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
    EXPECT_LT(usage.ru_maxrss, kMaxResidentKib);
}

}  // namespace
}  // namespace tarn

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    constexpr std::string_view kStride = "--stride=";
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument.starts_with(kStride)) {
            tarn::flip_stride = std::max(1UL, std::strtoul(argv[i] + kStride.size(), nullptr, 10));
        }
    }
    return RUN_ALL_TESTS();
}
