// The checker of histories notices what must not be.
#include "concurrency/history_checker.h"

#include <gtest/gtest.h>

namespace tarn::concurrency {
namespace {

Done DoneAt(int writer, int64_t version, int64_t rows, Operation operation) {
    Done done;
    done.told.writer = writer;
    done.told.outcome = Outcome::kDone;
    done.told.version = version;
    done.told.rows_affected = rows;
    done.operation = std::move(operation);
    return done;
}

Operation Append(Rows rows) {
    Operation operation;
    operation.fresh = std::move(rows);
    return operation;
}

Operation AddTen(int64_t low, int64_t high) {
    Operation operation;
    operation.kind = OperationKind::kUpdate;
    operation.low = low;
    operation.high = high;
    operation.amount = 10;
    return operation;
}

// Two rows are there; two come, then all of them change.
class HistoryChecker : public testing::Test {
protected:
    size_t Flaws(bool is_write_serializable) const {
        return FindFlaws(history_, versions_, is_write_serializable).size();
    }

    std::vector<Done> history_ = {DoneAt(1, 2, 2, Append({{5, 1}, {6, 1}})),
                                  DoneAt(2, 3, 4, AddTen(0, 9))};
    std::vector<SeenVersion> versions_ = {
        {1, "WRITE", {{0, 0}, {1, 0}}},
        {2, "WRITE", {{0, 0}, {1, 0}, {5, 1}, {6, 1}}},
        {3, "UPDATE", {{0, 10}, {1, 10}, {5, 11}, {6, 11}}},
    };
};

TEST_F(HistoryChecker, TakesOneAfterTheOther) {
    EXPECT_EQ(Flaws(false), 0U);
    EXPECT_EQ(Flaws(true), 0U);
}

TEST_F(HistoryChecker, AMissedAppendIsWriteSerializableOnly) {
    versions_[2].rows = {{0, 10}, {1, 10}, {5, 1}, {6, 1}};
    history_[1].told.rows_affected = 2;
    EXPECT_EQ(Flaws(true), 0U);
    EXPECT_GT(Flaws(false), 0U);
}

TEST_F(HistoryChecker, AnAppendIsNotMissedInPart) {
    versions_[2].rows = {{0, 10}, {1, 10}, {5, 11}, {6, 1}};
    history_[1].told.rows_affected = 3;
    EXPECT_GT(Flaws(true), 0U);
}

TEST_F(HistoryChecker, AnAppendThatTheWriterKnewIsNotMissed) {
    versions_[2].rows = {{0, 10}, {1, 10}, {5, 1}, {6, 1}};
    history_[1] = DoneAt(1, 3, 2, AddTen(0, 9));
    history_[1].told.number = 1;
    EXPECT_GT(Flaws(true), 0U);
}

TEST_F(HistoryChecker, NoAppendIsMissedBeforeOneThatWasSeen) {
    history_[0] = DoneAt(1, 2, 1, Append({{5, 1}}));
    history_[1] = DoneAt(2, 3, 1, Append({{6, 1}}));
    history_.push_back(DoneAt(3, 4, 3, AddTen(0, 9)));
    versions_[1].rows = {{0, 0}, {1, 0}, {5, 1}};
    versions_[2] = {3, "WRITE", {{0, 0}, {1, 0}, {5, 1}, {6, 1}}};
    versions_.push_back({4, "UPDATE", {{0, 10}, {1, 10}, {5, 1}, {6, 11}}});
    EXPECT_GT(Flaws(true), 0U);
}

TEST_F(HistoryChecker, LostAndDoubledRowsAreFlaws) {
    const auto whole = versions_;
    versions_[2].rows.pop_back();
    EXPECT_GT(Flaws(true), 0U);
    versions_ = whole;
    versions_[2].rows.push_back({6, 11});
    EXPECT_GT(Flaws(true), 0U);
    versions_ = whole;
    history_.pop_back();
    EXPECT_GT(Flaws(true), 0U);
}

TEST_F(HistoryChecker, UpkeepChangesNoRow) {
    versions_.push_back({4, "OPTIMIZE", versions_[2].rows});
    versions_.push_back({5, "VACUUM START", versions_[2].rows});
    EXPECT_EQ(Flaws(false), 0U);
    versions_[3].rows.pop_back();
    EXPECT_GT(Flaws(false), 0U);
}

TEST_F(HistoryChecker, AStatementIsToldItsRows) {
    history_[1].told.rows_affected = 3;
    EXPECT_GT(Flaws(false), 0U);
    history_[1].told = history_[0].told;
    history_[1].told.version = 7;
    EXPECT_GT(Flaws(false), 0U);
}

}  // namespace
}  // namespace tarn::concurrency
