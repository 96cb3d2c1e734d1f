#include "upkeep/layout_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::upkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kGiB = uint64_t{1} << 30;

table::Field FieldOf(const std::string& name, table::TypeKind kind) {
    table::Field field;
    field.name = name;
    field.type = table::Type(kind);
    return field;
}

class LayoutAdviceTest : public testing::Test {
protected:
    LayoutAdviceTest() {
        metadata_.schema.fields = {
            FieldOf("day", table::TypeKind::kDate), FieldOf("user", table::TypeKind::kLong),
            FieldOf("amount", table::TypeKind::kDouble), FieldOf("kind", table::TypeKind::kString),
            FieldOf("ok", table::TypeKind::kBoolean)};
    }

    // Files of `bytes` together, in each all days of `days`.
    void Holds(uint64_t bytes, int32_t days = 100'000) {
        table::FileStatistics statistics;
        statistics.columns.push_back({{"day"}, table::Date{0}, table::Date{days - 1}, 0});
        for (uint64_t left = bytes; left > 0; left -= std::min(left, 128 * kMiB)) {
            table::DataFile file;
            file.size_bytes = std::min(left, 128 * kMiB);
            file.statistics = std::make_shared<const table::FileStatistics>(statistics);
            files_.push_back(file);
        }
        bytes_ = bytes;
    }

    // Scans that read the whole table and keep a share of its rows.
    void Asked(size_t times, std::vector<std::string> filters, double share) {
        for (size_t i = 0; i < times; ++i)
            scans_.push_back({filters, bytes_, static_cast<uint64_t>(share * 1e9), 1'000'000'000});
    }

    LayoutAdvice Advise() const { return AdviseLayout(metadata_, files_, scans_); }
    std::vector<std::string> Choose() const { return ChooseClustering(metadata_, files_, scans_); }

    table::TableMetadata metadata_;
    std::vector<table::DataFile> files_;
    std::vector<ScanRecord> scans_;
    uint64_t bytes_ = 0;
};

TEST_F(LayoutAdviceTest, SmallTablesStayAsTheyAre) {
    Holds(100 * kMiB);
    Asked(100, {"user"}, 0.001);
    EXPECT_EQ(Advise().layout, Layout::kAsItIs);
    EXPECT_THAT(Choose(), IsEmpty());
}

TEST_F(LayoutAdviceTest, ATableThatNobodyFiltersStaysAsItIs) {
    Holds(10 * kGiB);
    Asked(100, {}, 1);
    EXPECT_EQ(Advise().layout, Layout::kAsItIs);
    EXPECT_THAT(Choose(), IsEmpty());
}

TEST_F(LayoutAdviceTest, ClustersByTheColumnThatScansAskFor) {
    Holds(10 * kGiB);
    Asked(20, {"user"}, 0.001);
    const LayoutAdvice advice = Advise();
    EXPECT_EQ(advice.layout, Layout::kCluster);
    EXPECT_THAT(advice.columns, ElementsAre("user"));
    EXPECT_EQ(advice.scanned_bytes, 200 * kGiB);
    // 80 files: a condition reads about one and its share.
    EXPECT_GT(advice.saved_bytes, 190 * kGiB);
    EXPECT_LT(advice.saved_bytes, 200 * kGiB);
    EXPECT_EQ(advice.rewritten_bytes, 10 * kGiB);
    EXPECT_GT(advice.write_amplification, 2);
    EXPECT_THAT(Choose(), ElementsAre("user"));
}

TEST_F(LayoutAdviceTest, OneScanDoesNotPayForWritingTheTableAgain) {
    Holds(10 * kGiB);
    Asked(1, {"user"}, 0.001);
    EXPECT_EQ(Advise().layout, Layout::kAsItIs);
    EXPECT_THAT(Choose(), IsEmpty());
}

TEST_F(LayoutAdviceTest, ConditionsThatLeaveMostRowsSaveNothing) {
    Holds(10 * kGiB);
    Asked(50, {"user"}, 0.95);
    EXPECT_EQ(Advise().layout, Layout::kAsItIs);
}

TEST_F(LayoutAdviceTest, ColumnsThatHaveNoOrderAreNotChosen) {
    Holds(10 * kGiB);
    Asked(50, {"ok"}, 0.001);
    Asked(50, {"gone"}, 0.001);
    EXPECT_EQ(Advise().layout, Layout::kAsItIs);
    EXPECT_THAT(Choose(), IsEmpty());
}

TEST_F(LayoutAdviceTest, NeverMoreThanFourColumns) {
    for (const char* name : {"c1", "c2", "c3"})
        metadata_.schema.fields.push_back(FieldOf(name, table::TypeKind::kLong));
    Holds(1000 * kGiB);
    for (const char* name : {"user", "amount", "kind", "c1", "c2", "c3"}) Asked(50, {name}, 1e-6);
    const auto chosen = Choose();
    EXPECT_GT(chosen.size(), 1U);
    EXPECT_LE(chosen.size(), 4U);
}

TEST_F(LayoutAdviceTest, PartitionsByAColumnWhoseValuesAreLarge) {
    Holds(100 * kGiB, 50);
    Asked(20, {"day"}, 0.02);
    const LayoutAdvice advice = Advise();
    EXPECT_EQ(advice.layout, Layout::kPartition);
    EXPECT_THAT(advice.columns, ElementsAre("day"));
    EXPECT_EQ(advice.write_amplification, 2);
}

TEST_F(LayoutAdviceTest, DoesNotPartitionByWhatOnlySomeScansAskFor) {
    Holds(100 * kGiB, 50);
    Asked(20, {"day"}, 0.02);
    Asked(5, {"user"}, 0.9);
    EXPECT_NE(Advise().layout, Layout::kPartition);
}

TEST_F(LayoutAdviceTest, DoesNotPartitionIntoTooManyPieces) {
    Holds(100 * kGiB, 50);
    Asked(20, {"day"}, 0.02);
    LayoutRules rules;
    rules.most_partitions = 49;
    EXPECT_NE(AdviseLayout(metadata_, files_, scans_, rules).layout, Layout::kPartition);
    rules.most_partitions = 50;
    EXPECT_EQ(AdviseLayout(metadata_, files_, scans_, rules).layout, Layout::kPartition);
}

TEST_F(LayoutAdviceTest, DoesNotPartitionByAColumnOfUnknownBounds) {
    Holds(100 * kGiB, 50);
    Asked(20, {"day"}, 0.02);
    files_.back().statistics = nullptr;
    EXPECT_NE(Advise().layout, Layout::kPartition);
}

TEST_F(LayoutAdviceTest, WhatIsPartitionedStaysSo) {
    Holds(100 * kGiB, 50);
    for (auto& file : files_) file.partition_values = {table::Value(table::Date{1})};
    metadata_.partition_columns = {"day"};
    Asked(20, {"day"}, 0.02);
    EXPECT_EQ(Advise().layout, Layout::kAsItIs);
    EXPECT_THAT(Choose(), IsEmpty());
}

TEST_F(LayoutAdviceTest, AClusteredTableIsNotPartitioned) {
    Holds(100 * kGiB, 50);
    metadata_.clustering_columns = {"user"};
    Asked(20, {"day"}, 0.02);
    EXPECT_NE(Advise().layout, Layout::kPartition);
}

TEST_F(LayoutAdviceTest, AColumnThatSparesMoreComesFirst) {
    Holds(100 * kGiB);
    Asked(20, {"amount"}, 0.5);
    Asked(20, {"user"}, 0.001);
    EXPECT_EQ(Choose().front(), "user");
}

TEST_F(LayoutAdviceTest, SoManyColumnsAsTheRulesSay) {
    Holds(1000 * kGiB);
    for (const char* name : {"user", "amount", "kind"}) Asked(50, {name}, 1e-6);
    LayoutRules rules;
    rules.most_columns = 2;
    rules.least_gain = 0;
    EXPECT_EQ(ChooseClustering(metadata_, files_, scans_, rules).size(), 2U);
}

TEST_F(LayoutAdviceTest, DoesNotPartitionIntoSmallPieces) {
    Holds(100 * kGiB, 5000);
    Asked(20, {"day"}, 0.0002);
    EXPECT_EQ(Advise().layout, Layout::kCluster);
}

TEST_F(LayoutAdviceTest, KeepsItsChoiceUntilOthersSaveMuchMore) {
    Holds(10 * kGiB);
    metadata_.clustering_columns = {"user"};
    Asked(20, {"user"}, 0.001);
    Asked(4, {"amount"}, 0.001);
    EXPECT_THAT(Choose(), ElementsAre("user"));
    scans_.clear();
    Asked(20, {"user"}, 0.001);
    EXPECT_EQ(Advise().layout, Layout::kAsItIs);
    EXPECT_THAT(Choose(), ElementsAre("user"));
    scans_.clear();
    Asked(20, {"amount"}, 0.001);
    EXPECT_THAT(Choose(), ElementsAre("amount"));
    EXPECT_EQ(Advise().layout, Layout::kCluster);
}

TEST_F(LayoutAdviceTest, FilesGrowWithTheTable) {
    EXPECT_EQ(Advise().file_bytes, 128 * kMiB);
    Holds(512 * kGiB);
    EXPECT_EQ(Advise().file_bytes, 512 * kMiB);
    metadata_.file_rules.bytes = 32 * kMiB;
    EXPECT_EQ(Advise().file_bytes, 32 * kMiB);
}

}  // namespace
}  // namespace tarn::upkeep
