#include "delta/row_tracking.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "delta/testing/log_lines.h"
#include "delta/testing/row_changes.h"

namespace tarn::delta {
namespace {

using table::Predicate;

constexpr const char* kTrackingProtocol =
    R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
    R"("readerFeatures":["deletionVectors"],)"
    R"("writerFeatures":["rowTracking","domainMetadata","deletionVectors"]}})";

std::string Tracked(const std::string& more = "") {
    return IdMetadata(R"("delta.enableRowTracking":"true","delta.enableDeletionVectors":"true")" +
                      more);
}

class RowTrackingTest : public ForeignLog {
protected:
    RowTrackingTest() { PutLog(0, Lines({kTrackingProtocol, Tracked()})); }

    // Ten rows.
    static table::DataFile Plain(const std::string& name) {
        table::DataFile file = NewFile(kRoot, name);
        file.partition_values.clear();
        return file;
    }
    // "path:first row id@version" of each file, by path.
    static std::string Ids(const table::Snapshot& snapshot) {
        std::set<std::string> sorted;
        for (const table::DataFile& file : snapshot.Plan(Predicate::True()).files) {
            sorted.insert(fmt::format("{}:{}@{}", file.path, file.base_row_id.value_or(-1),
                                      file.default_row_commit_version.value_or(-1)));
        }
        return Join({sorted.begin(), sorted.end()}, " ");
    }
    std::string LastCommit() { return store_.Get(CommitLocation(kRoot, Latest()->AtVersion())); }
};

TEST_F(RowTrackingTest, NewRowsGetTheNextIdsAndTheirVersion) {
    MustCommit(Append({Plain("a"), Plain("b")}));
    EXPECT_EQ(Ids(*Latest()), "a:0@1 b:10@1");
    EXPECT_NE(LastCommit().find(R"({\"rowIdHighWaterMark\":19})"), std::string::npos);
    EXPECT_NE(LastCommit().find(R"("tags":{"delta.rowTracking.preserved":"true"})"),
              std::string::npos);
    MustCommit(Append({Plain("c")}));
    EXPECT_EQ(Ids(*Latest()), "a:0@1 b:10@1 c:20@2");
}

TEST_F(RowTrackingTest, EachAttemptCountsOnFromItsPredecessor) {
    const auto base = Latest();
    MustCommit(Append({Plain("a")}));
    MustCommit(Append({Plain("b")}));
    ASSERT_TRUE(
        std::holds_alternative<table::Committed>(format_.Commit(base, Append({Plain("c")}))));
    EXPECT_EQ(Ids(*Latest()), "a:0@1 b:10@2 c:20@3");
}

TEST_F(RowTrackingTest, AFileThatLosesRowsKeepsItsIds) {
    const auto base = MustCommit(Append({Plain("a")}));
    MustCommit(Append({Plain("b")}));
    ASSERT_TRUE(
        std::holds_alternative<table::Committed>(format_.Commit(base, Hide(*base, {{"a", {4}}}))));
    EXPECT_EQ(Ids(*Latest()), "a:0@1 b:10@2");
    EXPECT_EQ(LastCommit().find("rowIdHighWaterMark"), std::string::npos);
    EXPECT_NE(LastCommit().find(R"("defaultRowCommitVersion":1)"), std::string::npos);
}

TEST_F(RowTrackingTest, AFileThatComesBackKeepsItsIds) {
    const auto full = MustCommit(Append({Plain("a")}));
    MustCommit(Append({Plain("b")}));
    table::Change change;
    change.remove = {FileNamed(*full, "a")};
    MustCommit(change);
    change.remove = {};
    change.add = {FileNamed(*full, "a")};
    MustCommit(change);
    EXPECT_EQ(Ids(*Latest()), "a:0@1 b:10@2");
}

TEST_F(RowTrackingTest, UncountedRowsAreRefused) {
    table::DataFile file = Plain("a");
    file.statistics = nullptr;
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(Latest(), Append({file})); }),
              ErrorKind::kInvalidInput);
}

TEST_F(RowTrackingTest, WhereItIsSuspendedNothingIsNumbered) {
    PutLog(1, Tracked(R"(,"delta.rowTrackingSuspended":"true")"));
    MustCommit(Append({Plain("a")}));
    EXPECT_EQ(Ids(*Latest()), "a:-1@-1");
}

TEST_F(RowTrackingTest, ABrokenHighWaterMarkIsCorrupt) {
    PutLog(1, R"({"domainMetadata":{"domain":"delta.rowTracking","configuration":"{}",)"
              R"("removed":false}})");
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(Latest(), Append({Plain("a")})); }),
              ErrorKind::kCorrupt);
}

TEST_F(RowTrackingTest, OtherDomainsAreKept) {
    PutLog(1, R"({"domainMetadata":{"domain":"their.own","configuration":"{\"x\":1}",)"
              R"("removed":false}})");
    MustCommit(Append({Plain("a")}));
    const auto latest = std::dynamic_pointer_cast<const Snapshot>(Latest());
    EXPECT_EQ(latest->State().domains.at("their.own").configuration, R"({"x":1})");
    EXPECT_EQ(RowIdHighWater(latest->State().domains), 9);
}

// A table with rows, and the change that makes it track them.
class RowTrackingBeginsTest : public RowTrackingTest {
protected:
    RowTrackingBeginsTest() {
        PutLog(0, Lines({R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})",
                         IdMetadata()}));
        MustCommit(Append({Plain("a"), Plain("b")}));
    }
    table::Change Switch(const table::SnapshotPtr& base) {
        table::TableMetadata wanted = base->Metadata();
        wanted.properties["delta.enableRowTracking"] = "true";
        table::Change change;
        change.operation = "SET TBLPROPERTIES";
        change.metadata = format_.Define(wanted, base, table::Definition::kAlters);
        return change;
    }
};

TEST_F(RowTrackingBeginsTest, FilesThatAreThereAreNumberedAndChangeNothing) {
    MustCommit(Switch(Latest()));
    EXPECT_EQ(Ids(*Latest()), "a:0@2 b:10@2");
    EXPECT_EQ(LastCommit().find(R"("dataChange":true)"), std::string::npos);
    EXPECT_EQ(LastCommit().find(R"("remove")"), std::string::npos);
    EXPECT_TRUE(Latest()->Rules().row_tracking.has_value());
    MustCommit(Append({Plain("c")}));
    EXPECT_EQ(Ids(*Latest()), "a:0@2 b:10@2 c:20@3");
}

TEST_F(RowTrackingBeginsTest, ARowThatArrivesMeanwhileIsAConflict) {
    const auto base = Latest();
    MustCommit(Append({Plain("c")}));
    const auto outcome = format_.Commit(base, Switch(base));
    ASSERT_TRUE(std::holds_alternative<table::Conflict>(outcome));
    EXPECT_EQ(std::get<table::Conflict>(outcome).reason, table::ConflictReason::kConcurrentAppend);
}

TEST_F(RowTrackingBeginsTest, TheColumnsOfTheIdentityKeepTheirNames) {
    MustCommit(Switch(Latest()));
    const auto first = Latest()->Rules().row_tracking;
    table::TableMetadata off = Latest()->Metadata();
    off.properties["delta.enableRowTracking"] = "false";
    table::Change change;
    change.metadata = format_.Define(off, Latest(), table::Definition::kAlters);
    MustCommit(change);
    MustCommit(Switch(Latest()));
    EXPECT_EQ(Latest()->Rules().row_tracking->row_id_column, first->row_id_column);
    EXPECT_NE(first->row_id_column, first->commit_version_column);
}

}  // namespace
}  // namespace tarn::delta
