#include "ingest/ingest.h"

#include <gtest/gtest.h>

#include "ingest/fake_lake.h"
#include "ingest/report_text.h"
#include "storage/fault_store.h"
#include "storage/forwarding_store.h"
#include "storage/memory_store.h"

namespace tarn::ingest {
namespace {

// No tarn::Error, so that nothing takes it for an outcome.
struct Killed {};

class IngestTest : public testing::Test {
protected:
    IngestTest() { Configure(""); }

    void Configure(const std::string& more) {
        request_.sources = {SourceConfig::Parse(
            "name: src\nroot: in\ntables:\n  - {table: bronze.t, path: '*.ndjson', format: ndjson" +
                more + "}\n",
            "sources/src.yml", "mem://lake")};
        request_.pipeline_version = "tarn test";
    }

    void Put(const std::string& name, int rows) {
        std::string bytes;
        for (int i = 0; i < rows; ++i) bytes += fmt::format("{{\"f\":\"{}\",\"i\":{}}}\n", name, i);
        store_.Put("mem://lake/in/" + name, bytes);
        // Beyond the time in which a file could change unseen.
        clock_.Advance(std::chrono::seconds(10));
    }

    TableReport Ingest(storage::ObjectStore& store) {
        FakeSession session(lake_);
        IngestParts parts{session, store, clock_, random_, nullptr};
        return ingest::Run(request_, parts).tables.at(0);
    }
    TableReport Ingest() { return Ingest(store_); }

    // "path:rows" of what is in the table.
    std::map<std::string, int64_t> RowsByFile() {
        std::map<std::string, int64_t> rows;
        for (const FakeRow& row : lake_.tables["bronze.t"].rows) ++rows[row.source_path];
        return rows;
    }

    ManualClock clock_{TimestampUs(std::chrono::seconds(1'700'000'000))};
    SeededRandom random_{1};
    storage::MemoryStore store_{clock_};
    FakeLake lake_;
    IngestRequest request_;
};

using Expected = std::map<std::string, int64_t>;

TEST_F(IngestTest, LandsEachFileOnce) {
    Put("a.ndjson", 3);
    Put("b.ndjson", 2);
    TableReport report = Ingest();
    EXPECT_EQ(report.files_landed, 2U);
    EXPECT_EQ(report.rows_landed, 5);
    EXPECT_EQ(report.commits, 1);
    EXPECT_EQ(report.table_version, 1);
    EXPECT_TRUE(report.Succeeded());
    report = Ingest();
    EXPECT_EQ(report.files_landed, 0U);
    EXPECT_EQ(report.files_known, 2U);
    EXPECT_EQ(report.commits, 0);
    Put("c.ndjson", 1);
    report = Ingest();
    EXPECT_EQ(report.files_landed, 1U);
    EXPECT_EQ(report.files_known, 2U);
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 3}, {"b.ndjson", 2}, {"c.ndjson", 1}}));
}

TEST_F(IngestTest, NothingToLandMakesNothing) {
    const TableReport report = Ingest();
    EXPECT_TRUE(report.Succeeded());
    EXPECT_EQ(report.files_found, 0U);
    EXPECT_TRUE(lake_.statements.empty());
}

TEST_F(IngestTest, BatchesKeepToTheirLimits) {
    Configure(", batch: {max_files: 2}");
    for (int i = 0; i < 5; ++i) Put(fmt::format("{}.ndjson", i), 1);
    const TableReport report = Ingest();
    EXPECT_EQ(report.commits, 3);
    EXPECT_EQ(report.rows_landed, 5);
    EXPECT_EQ(Ingest().files_known, 5U);
}

TEST_F(IngestTest, ChangedFileFollowsItsPolicy) {
    Put("a.ndjson", 1);
    Put("b.ndjson", 1);
    Ingest();
    Put("a.ndjson", 4);
    TableReport report = Ingest();
    EXPECT_EQ(report.files_refused, 1U);
    EXPECT_EQ(report.refused, std::vector<std::string>{"a.ndjson"});
    EXPECT_FALSE(report.Succeeded());
    Configure(", reload: never");
    report = Ingest();
    EXPECT_EQ(report.files_kept, 1U);
    EXPECT_TRUE(report.Succeeded());
    EXPECT_EQ(RowsByFile().at("a.ndjson"), 1);
    Configure(", reload: append");
    EXPECT_EQ(Ingest().files_landed, 1U);
    EXPECT_EQ(RowsByFile().at("a.ndjson"), 5);
    EXPECT_EQ(Ingest().files_known, 2U);
    Put("a.ndjson", 1);  // as it was at first
    EXPECT_EQ(Ingest().files_landed, 0U);
}

TEST_F(IngestTest, FileThatWasOnlyTouchedIsKnown) {
    Put("a.ndjson", 3);
    Ingest();
    Put("a.ndjson", 3);
    const TableReport report = Ingest();
    EXPECT_EQ(report.files_known, 1U);
    EXPECT_TRUE(report.Succeeded());
}

TEST_F(IngestTest, BadInputLandsMarkedAndTheRunGoesOn) {
    store_.Put("mem://lake/in/empty.ndjson", "");
    store_.Put("mem://lake/in/text.ndjson", "no json\n{\"f\":1}\n\xff\n");
    store_.Put("mem://lake/in/gzip.ndjson", "\x1f\x8b\x08");
    store_.Put("mem://lake/in/utf16.ndjson", "\xff\xfe{");
    const TableReport report = Ingest();
    EXPECT_TRUE(report.Succeeded());
    EXPECT_EQ(report.files_landed, 4U);
    EXPECT_EQ(report.files_marked, 4U);
    EXPECT_EQ(report.rows_landed, 6);
    EXPECT_EQ(report.rows_marked, 5);
    std::map<std::string, int64_t> classes;
    for (const FakeRow& row : lake_.tables["bronze.t"].rows) ++classes[row.error_class];
    EXPECT_EQ(classes, (Expected{{"", 1},
                                 {"empty_file", 1},
                                 {"invalid_json", 1},
                                 {"invalid_utf8", 1},
                                 {"truncated_gzip", 1},
                                 {"wrong_encoding", 1}}));
    EXPECT_EQ(Ingest().files_known, 4U);
    IngestReport all;
    all.tables = {report};
    EXPECT_GE(SummaryLines(all).size(), 6U);
}

TEST_F(IngestTest, TableMadeOfGarbageIsTold) {
    store_.Put("mem://lake/in/a.ndjson", "garbage\n");
    EXPECT_TRUE(Ingest().has_no_fields);
    Put("b.ndjson", 1);
    EXPECT_TRUE(Ingest().has_no_fields);
}

TEST_F(IngestTest, RunKilledBeforeItsCommitLeavesNothing) {
    Put("a.ndjson", 3);
    lake_.before_commit = [] { throw Killed(); };
    EXPECT_THROW(Ingest(), Killed);
    EXPECT_TRUE(RowsByFile().empty());
    Put("b.ndjson", 1);
    EXPECT_EQ(Ingest().files_landed, 2U);
    EXPECT_EQ(Ingest().files_known, 2U);
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 3}, {"b.ndjson", 1}}));
}

TEST_F(IngestTest, RunKilledAfterItsCommitIsNotRepeated) {
    Put("a.ndjson", 3);
    lake_.after_commit = [] { throw Killed(); };
    EXPECT_THROW(Ingest(), Killed);
    EXPECT_EQ(Ingest().files_known, 1U);
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 3}}));
}

// The lists of the killed run and of the one that came after it claim one number: each may be the
// true one.
TEST_F(IngestTest, ListOfAKilledRunNeverCounts) {
    Put("a.ndjson", 1);
    Put("b.ndjson", 1);
    lake_.before_commit = [] { throw Killed(); };
    EXPECT_THROW(Ingest(), Killed);
    store_.Delete("mem://lake/in/b.ndjson");
    EXPECT_EQ(Ingest().files_landed, 1U);
    Put("b.ndjson", 1);
    EXPECT_EQ(Ingest().files_landed, 1U);
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 1}, {"b.ndjson", 1}}));
}

TEST_F(IngestTest, OfTwoAtOnceTheSecondLandsOnlyWhatIsLeft) {
    Put("a.ndjson", 2);
    Ingest();
    Put("b.ndjson", 2);
    Put("c.ndjson", 2);
    TableReport other;
    lake_.before_commit = [&] {
        Put("d.ndjson", 2);
        other = Ingest();
    };
    const TableReport report = Ingest();
    EXPECT_EQ(other.files_landed, 3U);
    EXPECT_EQ(report.files_landed, 0U);
    EXPECT_TRUE(report.Succeeded());
    EXPECT_EQ(RowsByFile(),
              (Expected{{"a.ndjson", 2}, {"b.ndjson", 2}, {"c.ndjson", 2}, {"d.ndjson", 2}}));
}

TEST_F(IngestTest, LostAnswerIsReadBack) {
    Put("a.ndjson", 2);
    lake_.after_commit = [] { throw Error(ErrorKind::kUnavailable, "the answer was lost"); };
    const TableReport report = Ingest();
    EXPECT_TRUE(report.Succeeded());
    EXPECT_EQ(report.files_landed, 1U);
    EXPECT_EQ(report.rows_landed, 2);
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 2}}));
}

TEST_F(IngestTest, CommitThatDidNotHappenIsToldAndTheNextRunLands) {
    Put("a.ndjson", 2);
    lake_.before_commit = [] { throw Error(ErrorKind::kLimitExceeded, "the disk is full"); };
    const TableReport report = Ingest();
    ASSERT_TRUE(report.error.has_value());
    EXPECT_EQ(report.error->kind(), ErrorKind::kLimitExceeded);
    EXPECT_EQ(Ingest().files_landed, 1U);
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 2}}));
}

TEST_F(IngestTest, EndlessConflictsEnd) {
    Put("a.ndjson", 2);
    FakeSession session(lake_);
    int conflicts = 0;
    const std::function<void()> conflict = [&] {
        ++conflicts;
        lake_.before_commit = conflict;
        throw Error(ErrorKind::kConflict, "again");
    };
    lake_.before_commit = conflict;
    const TableReport report = Ingest();
    ASSERT_TRUE(report.error.has_value());
    EXPECT_EQ(report.error->kind(), ErrorKind::kConflict);
    EXPECT_EQ(conflicts, 2);
}

// Dies at every call of the store in turn, before and after its effect; the runs after it leave
// each file once.
TEST_F(IngestTest, KilledAtEveryStoreCallNothingIsLostOrDoubled) {
    Configure(", batch: {max_files: 1}, reload: append");
    for (const bool after_effect : {false, true}) {
        for (uint64_t call = 1;; ++call) {
            for (const storage::ObjectInfo& object :
                 store_.List("mem://lake", {.start_after = "", .recursive = true})) {
                store_.Delete(object.location);
            }
            lake_ = FakeLake();
            Put("a.ndjson", 2);
            Ingest();
            Put("b.ndjson", 1);
            Put("c.ndjson", 3);
            Put("a.ndjson", 5);
            storage::FaultPlan plan;
            plan.crash_at_call = call;
            plan.crash_after_effect = after_effect;
            storage::FaultStore broken(store_, plan, call);
            try {
                Ingest(broken);
            } catch (const storage::StoreCrash&) {
            }
            const TableReport report = Ingest();
            EXPECT_TRUE(report.Succeeded());
            EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 7}, {"b.ndjson", 1}, {"c.ndjson", 3}}))
                << "call " << call;
            EXPECT_EQ(Ingest().files_known, 3U);
            if (!broken.Crashed()) break;
            ASSERT_LT(call, 1000U);
        }
    }
}

TEST_F(IngestTest, FileThatVanishesIsLeftOutAndTold) {
    class Vanishing final : public storage::ForwardingStore {
    public:
        using ForwardingStore::ForwardingStore;
        std::unique_ptr<storage::ObjectReader> OpenReader(const std::string& location) override {
            if (location.ends_with("b.ndjson"))
                throw Error(ErrorKind::kPermissionDenied, "not yours");
            return ForwardingStore::OpenReader(location);
        }
    };
    Configure(", batch: {max_files: 1}");
    Put("a.ndjson", 1);
    Put("b.ndjson", 1);
    Put("c.ndjson", 1);
    Vanishing vanishing(store_);
    const TableReport report = Ingest(vanishing);
    EXPECT_FALSE(report.Succeeded());
    EXPECT_FALSE(report.error.has_value());
    EXPECT_EQ(report.files_failed, 1U);
    EXPECT_EQ(report.files_landed, 2U);
    EXPECT_EQ(report.files_known, 0U);
    EXPECT_EQ(report.failed.at(0).first, "b.ndjson");
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 1}, {"c.ndjson", 1}}));
    EXPECT_EQ(Ingest().files_landed, 1U);
}

TEST_F(IngestTest, CancelLeavesWhatWasCommitted) {
    Configure(", batch: {max_files: 1}");
    Put("a.ndjson", 1);
    Put("b.ndjson", 1);
    lake_.after_commit = [&] { request_.cancel.Cancel(); };
    EXPECT_THROW(Ingest(), Error);
    EXPECT_EQ(RowsByFile(), (Expected{{"a.ndjson", 1}}));
    request_.cancel = CancelToken();
    EXPECT_EQ(Ingest().files_landed, 1U);
}

TEST_F(IngestTest, OnlyNamesSourcesAndTables) {
    Put("a.ndjson", 1);
    FakeSession session(lake_);
    IngestParts parts{session, store_, clock_, random_, nullptr};
    request_.only = {"bronze.t"};
    EXPECT_EQ(ingest::Run(request_, parts).tables.size(), 1U);
    request_.only = {"src"};
    EXPECT_EQ(ingest::Run(request_, parts).tables.size(), 1U);
    request_.only = {"t"};
    EXPECT_EQ(ingest::Run(request_, parts).tables.size(), 1U);
    request_.only = {"src", "bronze.u"};
    EXPECT_THROW(ingest::Run(request_, parts), Error);
}

}  // namespace
}  // namespace tarn::ingest
