#include "delta/commit_group.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "delta/testing/row_changes.h"
#include "storage/fault_store.h"
#include "storage/metering_store.h"

namespace tarn::delta {
namespace {

using table::ConflictReason;
using Paths = std::multiset<std::string>;

class CommitGroupTest : public TableFixture {
protected:
    CommitGroupTest() { MakeTable(HidesRows()); }

    // Changes that come at the same time.
    class Crowd {
    public:
        Crowd(CommitGroupTest& test, storage::ObjectStore& store) : test_(test), store_(store) {}
        void Join(const table::SnapshotPtr& base, table::Change change) {
            changes_.push_back(std::make_unique<table::Change>(std::move(change)));
            rebases_.push_back(std::make_unique<Rebase>(
                store_, test_.clock_, test_.random_,
                std::dynamic_pointer_cast<const Snapshot>(base), *changes_.back()));
            rebases_.back()->Store();
            waiting_.push_back(std::make_unique<WaitingChange>(*rebases_.back()));
        }
        void Commit() {
            CommitGroup group(store_, test_.clock_, test_.random_, kRoot);
            std::vector<WaitingChange*> all;
            for (const auto& waiting : waiting_) all.push_back(waiting.get());
            group.Commit(all, {-1});
        }
        const WaitingChange& At(size_t i) const { return *waiting_[i]; }
        // -1: no commit.
        int64_t VersionOf(size_t i) const {
            if (!At(i).outcome) return -1;
            const auto* committed = std::get_if<table::Committed>(&*At(i).outcome);
            return committed == nullptr ? -1 : committed->version.number;
        }
        std::optional<ConflictReason> ConflictOf(size_t i) const {
            if (!At(i).outcome) return std::nullopt;
            const auto* conflict = std::get_if<table::Conflict>(&*At(i).outcome);
            return conflict == nullptr ? std::nullopt : std::optional(conflict->reason);
        }

    private:
        CommitGroupTest& test_;
        storage::ObjectStore& store_;
        std::vector<std::unique_ptr<table::Change>> changes_;
        std::vector<std::unique_ptr<Rebase>> rebases_;
        std::vector<std::unique_ptr<WaitingChange>> waiting_;
    };

    static table::Change Counted(const std::string& name, const std::string& rows) {
        table::Change change = Append({NewFile(kRoot, name)});
        change.metrics = {{"numFiles", "1"}, {"numOutputRows", rows}};
        return change;
    }
};

TEST_F(CommitGroupTest, ManyShareOneCommitAndItsFiguresAreTheirSum) {
    Crowd crowd(*this, store_);
    const auto base = Latest();
    for (const char* name : {"a", "b", "c"}) crowd.Join(base, Counted(name, "10"));
    crowd.Commit();
    for (size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(crowd.VersionOf(i), 1);
        EXPECT_EQ(crowd.At(i).is_first_of_commit, i == 0);
    }
    EXPECT_EQ(PathsOf(*Latest()), (Paths{"a", "b", "c"}));
    const auto entry = format_.History(kRoot, 1).at(0);
    EXPECT_EQ(entry.operation, "WRITE");
    EXPECT_EQ(entry.metrics.at("numFiles"), "3");
    EXPECT_EQ(entry.metrics.at("numOutputRows"), "30");
    EXPECT_EQ(entry.commit_info.at("groupedChanges"), "3");
    EXPECT_EQ(entry.commit_info.at("isBlindAppend"), "true");
}

TEST_F(CommitGroupTest, OneAloneIsTold) {
    Crowd crowd(*this, store_);
    crowd.Join(Latest(), Counted("a", "10"));
    crowd.Commit();
    EXPECT_FALSE(format_.History(kRoot, 1).at(0).commit_info.contains("groupedChanges"));
}

TEST_F(CommitGroupTest, AConflictIsItsOwnersAlone) {
    MustAppend("a");
    const auto base = MustAppend("b");
    table::Change drop;
    drop.operation = "WRITE";
    drop.parameters = Append({}).parameters;
    drop.remove = {FileNamed(*base, "a")};
    MustCommit(drop);
    Crowd crowd(*this, store_);
    crowd.Join(base, drop);
    crowd.Join(base, Counted("c", "10"));
    crowd.Join(Latest(), Counted("d", "10"));
    crowd.Commit();
    EXPECT_EQ(crowd.ConflictOf(0), ConflictReason::kConcurrentDelete);
    EXPECT_EQ(crowd.VersionOf(1), 4);
    EXPECT_EQ(crowd.VersionOf(2), 4);
    EXPECT_TRUE(crowd.At(1).is_first_of_commit);
    EXPECT_EQ(PathsOf(*Latest()), (Paths{"b", "c", "d"}));
}

TEST_F(CommitGroupTest, WhatAnotherProcessDidIsMetOnTheWay) {
    const auto base = MustAppend("a");
    Crowd crowd(*this, store_);
    table::Change reader = Counted("sum", "1");
    reader.reads.whole_table = true;
    crowd.Join(base, reader);
    crowd.Join(base, Counted("b", "10"));
    table::Change winner = Append({NewFile(kRoot, "other")});
    winner.reads.whole_table = true;
    MustCommit(winner);
    crowd.Commit();
    EXPECT_EQ(crowd.ConflictOf(0), ConflictReason::kConcurrentAppend);
    EXPECT_EQ(crowd.VersionOf(1), 3);
}

TEST_F(CommitGroupTest, WhoCannotGoTogetherWaits) {
    MustAppend("a");
    const auto base = MustAppend("b");
    const auto hide = [&](const std::string& path, uint64_t row) {
        return Hide(*base, {{path, {row}}});
    };
    Crowd crowd(*this, store_);
    crowd.Join(base, hide("a", 1));
    crowd.Join(base, hide("a", 2));  // the same file
    table::Change reader = Counted("sum", "1");
    reader.reads.whole_table = true;
    crowd.Join(base, reader);  // it would have read another than the first left
    crowd.Join(base, hide("b", 3));
    crowd.Commit();
    EXPECT_EQ(crowd.VersionOf(0), 3);
    EXPECT_FALSE(crowd.At(1).IsSettled());
    EXPECT_FALSE(crowd.At(2).IsSettled());
    EXPECT_EQ(crowd.VersionOf(3), 3);
    // Once behind that commit the rows are united, and the reader learns of its conflict.
    crowd.Commit();
    crowd.Commit();
    EXPECT_EQ(crowd.VersionOf(1), 4);
    EXPECT_EQ(HiddenIn(*Latest(), "a"), (std::vector<uint64_t>{1, 2}));
    EXPECT_EQ(crowd.ConflictOf(2), ConflictReason::kConcurrentDeleteRead);
}

TEST_F(CommitGroupTest, AWritersMarkStandsOnceInACommit) {
    table::Change first = Counted("a", "1");
    first.transactions = {{"app", 1}};
    table::Change second = Counted("b", "1");
    second.transactions = {{"app", 1}};
    table::Change other = Counted("c", "1");
    other.transactions = {{"other", 4}};
    Crowd crowd(*this, store_);
    for (const auto& change : {first, second, other}) crowd.Join(Latest(), change);
    crowd.Commit();
    EXPECT_EQ(crowd.VersionOf(0), 1);
    EXPECT_EQ(crowd.VersionOf(2), 1);
    crowd.Commit();
    EXPECT_EQ(crowd.ConflictOf(1), ConflictReason::kTransaction);
    EXPECT_EQ(Latest()->TransactionVersion("app"), 1);
    EXPECT_EQ(Latest()->TransactionVersion("other"), 4);
    EXPECT_EQ(PathsOf(*Latest()), (Paths{"a", "c"}));
}

TEST_F(CommitGroupTest, OnlyWhatIsToldAlikeMayShare) {
    const auto base = std::dynamic_pointer_cast<const Snapshot>(MustAppend("a"));
    const auto may_share = [&](const table::Change& left, const table::Change& right) {
        const Rebase one(store_, clock_, random_, base, left);
        const Rebase other(store_, clock_, random_, base, right);
        return CommitGroup::MayShare(one, other);
    };
    const table::Change plain = Counted("b", "1");
    EXPECT_TRUE(may_share(plain, Counted("c", "2")));
    table::Change different = plain;
    different.operation = "MERGE";
    EXPECT_FALSE(may_share(plain, different));
    different = plain;
    different.commit_info["run"] = "r1";
    EXPECT_FALSE(may_share(plain, different));
    different = plain;
    different.reads.whole_table = true;  // nobody shall take an append for less blind than it is
    EXPECT_FALSE(may_share(plain, different));
    different = plain;
    different.change_data = {{std::string(kRoot) + "/_change_data/x", 1, {table::Date{0}}}};
    EXPECT_FALSE(may_share(plain, different));
    different = plain;
    auto metadata = std::make_shared<table::TableMetadata>(base->Metadata());
    metadata->description = "new";
    different.metadata = metadata;
    EXPECT_FALSE(may_share(different, plain));
    different = plain;
    for (int i = 0; i < 200; ++i) {
        different.add.push_back(NewFile(kRoot, "many" + std::to_string(i)));
    }
    EXPECT_FALSE(may_share(plain, different));
}

TEST_F(CommitGroupTest, AStoreThatRefusesFailsAllOfThem) {
    class Full final : public storage::ForwardingStore {
    public:
        using ForwardingStore::ForwardingStore;
        storage::PutOutcome PutIfAbsent(const std::string&, std::string_view) override {
            throw Error(ErrorKind::kLimitExceeded, "the disk is full");
        }
    };
    Full full(store_);
    Crowd crowd(*this, full);
    for (const char* name : {"a", "b"}) crowd.Join(Latest(), Counted(name, "1"));
    crowd.Commit();
    for (size_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(crowd.At(i).failure);
        EXPECT_EQ(crowd.At(i).failure->kind(), ErrorKind::kLimitExceeded);
    }
}

TEST_F(CommitGroupTest, TheFailureOfOneIsNoneOfTheOthers) {
    // Its rows must be united with those of a winner, whose vector cannot be read.
    table::DataFile large = NewFile(kRoot, "a");
    table::FileStatistics counted;
    counted.record_count = 40'000;
    large.statistics = std::make_shared<const table::FileStatistics>(counted);
    const auto base = MustCommit(Append({large}));
    std::vector<uint64_t> rows;
    for (uint64_t row = 1; row < 40'000; row += 2) rows.push_back(row);
    MustCommit(Hide(*base, {{"a", rows}}));
    for (const auto& file : store_.List(kRoot, {})) {
        if (file.location.ends_with(".bin")) store_.Put(file.location, "broken");
    }
    Crowd crowd(*this, store_);
    table::Change hide = Hide(*base, {{"a", {0}}});
    hide.operation = "WRITE";
    crowd.Join(base, hide);
    crowd.Join(base, Append({NewFile(kRoot, "b")}));
    crowd.Commit();
    ASSERT_TRUE(crowd.At(0).failure);
    EXPECT_EQ(crowd.At(0).failure->kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(crowd.VersionOf(1), 3);
}

TEST_F(CommitGroupTest, ALostAnswerIsFoundForAllOfThem) {
    storage::FaultPlan plan;
    plan.lost_answer_per_mille = 700;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        const auto before = Latest();
        {
            storage::FaultStore faulty(store_, plan, seed);
            Crowd crowd(*this, faulty);
            for (const char* name : {"a", "b"}) {
                crowd.Join(before, Append({NewFile(kRoot, name + std::to_string(seed))}));
            }
            crowd.Commit();
            for (size_t i = 0; i < 2; ++i) {
                EXPECT_EQ(crowd.VersionOf(i), before->AtVersion().number + 1) << "seed " << seed;
            }
        }
        ASSERT_EQ(Latest()->AtVersion(), before->AtVersion().Next()) << "seed " << seed;
        ASSERT_EQ(Latest()->Totals().files, before->Totals().files + 2) << "seed " << seed;
    }
}

}  // namespace
}  // namespace tarn::delta
