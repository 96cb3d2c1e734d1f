// What may be told of a column without reading it, and what may not.
#include "engine/duck/exact_columns.h"

#include <gtest/gtest.h>

namespace tarn::engine::duck {
namespace {

using table::ColumnStatistics;
using table::DataFile;
using table::Date;
using table::Type;
using table::TypeKind;
using table::Value;

// A snapshot of given files, none of which a plan leaves out.
class FilesOnly final : public table::Snapshot {
public:
    table::TableMetadata metadata;
    std::vector<DataFile> files;
    mutable int plans = 0;

    const std::string& Location() const override { return location_; }
    table::Version AtVersion() const override { return {}; }
    int64_t CommittedMs() const override { return 0; }
    const table::TableMetadata& Metadata() const override { return metadata; }
    std::vector<std::pair<std::string, std::string>> Protocol() const override { return {}; }
    table::WriteRules Rules() const override { return {}; }
    void CheckWritable(table::RowsThere) const override {}
    table::TableTotals Totals() const override { return {files.size(), 0}; }
    std::optional<uint64_t> LiveRows() const override {
        uint64_t sum = 0;
        for (const DataFile& file : files) {
            const auto rows = file.LiveRows();
            if (!rows) return std::nullopt;
            sum += *rows;
        }
        return sum;
    }
    std::optional<uint64_t> EstimatedRows() const override { return LiveRows(); }
    table::ScanPlan Plan(const table::Predicate&) const override {
        ++plans;
        return {files, 0, 0};
    }
    std::optional<int64_t> TransactionVersion(const std::string&) const override { return {}; }
    std::optional<std::string> DeletedRowsLocation(const table::DataFile&) const override {
        return std::nullopt;
    }
    std::shared_ptr<const table::DeletedRows> LoadDeletedRows(const DataFile&) const override {
        return nullptr;
    }
    std::shared_ptr<const table::Snapshot> WithStaged(const table::Change&) const override {
        return nullptr;
    }

private:
    std::string location_;
};

class ExactColumnsTest : public testing::Test {
protected:
    // The column `a` of that type, called `phys` in files, and a partition column `p`.
    explicit ExactColumnsTest(const Type& type = Type(TypeKind::kInt)) {
        SetType(type);
        snapshot_.metadata.partition_columns = {"p"};
    }
    void SetType(const Type& type, const Type& partition = Type(TypeKind::kString)) {
        table::Field column;
        column.name = "a";
        column.type = type;
        column.physical_name = "phys";
        table::Field by;
        by.name = "p";
        by.type = partition;
        snapshot_.metadata.schema.fields = {column, by};
    }
    // Ten rows with values from min to max.
    DataFile& AddFile(const Value& min, const Value& max, std::optional<uint64_t> nulls) {
        auto statistics = std::make_shared<table::FileStatistics>();
        statistics->record_count = 10;
        statistics->columns.push_back({{"phys"}, min, max, nulls});
        statistics_.push_back(statistics);
        DataFile file;
        file.statistics = statistics;
        file.partition_values = {std::string("x")};
        snapshot_.files.push_back(file);
        return snapshot_.files.back();
    }
    void Delete(DataFile& file, uint64_t rows) { file.deletion_vector = {"id", "", rows}; }
    ExactColumn A() const { return ExactColumns::Gather(snapshot_, {}, {0})->Of(0); }

    FilesOnly snapshot_;
    std::vector<std::shared_ptr<table::FileStatistics>> statistics_;
};

TEST_F(ExactColumnsTest, FilesAddUp) {
    AddFile(int64_t{5}, int64_t{9}, 2);
    AddFile(int64_t{-1}, int64_t{3}, 0);
    EXPECT_EQ(A().non_null, 18U);
    EXPECT_TRUE(A().has_bounds);
    EXPECT_EQ(A().min, Value(int64_t{-1}));
    EXPECT_EQ(A().max, Value(int64_t{9}));
}

TEST_F(ExactColumnsTest, ACountLooksAtNoFile) {
    Delete(AddFile(int64_t{5}, int64_t{9}, 0), 4);
    EXPECT_EQ(ExactColumns::Gather(snapshot_, {}, {})->rows(), 6U);
    EXPECT_EQ(snapshot_.plans, 0);
}

TEST_F(ExactColumnsTest, AFileWithoutItsCountIsNotCounted) {
    AddFile(int64_t{5}, int64_t{9}, 0);
    statistics_[0]->record_count.reset();
    EXPECT_FALSE(ExactColumns::Gather(snapshot_, {}, {}));
    EXPECT_FALSE(ExactColumns::Gather(snapshot_, {}, {0}));
}

TEST_F(ExactColumnsTest, BoundsFromBeforeRowsWereDeletedAreNotExact) {
    Delete(AddFile(int64_t{5}, int64_t{9}, 3), 1);
    EXPECT_FALSE(A().has_bounds);
    EXPECT_FALSE(A().non_null);
}

TEST_F(ExactColumnsTest, LooseBoundsAreNotExact) {
    AddFile(int64_t{5}, int64_t{9}, 3);
    statistics_[0]->tight_bounds = false;
    EXPECT_FALSE(A().has_bounds);
    EXPECT_FALSE(A().non_null);
}

TEST_F(ExactColumnsTest, NoNullAndOnlyNullHoldOfEveryRowThatIsLeft) {
    Delete(AddFile(int64_t{5}, int64_t{9}, 0), 4);
    EXPECT_EQ(A().non_null, 6U);
    snapshot_.files.clear();
    Delete(AddFile(Value{}, Value{}, 10), 4);
    EXPECT_EQ(A().non_null, 0U);
    EXPECT_TRUE(A().has_bounds);
    EXPECT_EQ(A().min, Value{});
}

TEST_F(ExactColumnsTest, AFileOfWhichNoRowIsLeftTellsNothing) {
    AddFile(int64_t{5}, int64_t{9}, 0);
    Delete(AddFile(int64_t{-100}, int64_t{100}, 0), 10);
    EXPECT_TRUE(A().has_bounds);
    EXPECT_EQ(A().min, Value(int64_t{5}));
    EXPECT_EQ(A().non_null, 10U);
}

TEST_F(ExactColumnsTest, MissingStatisticsAreNotExact) {
    AddFile(int64_t{5}, int64_t{9}, 0);
    AddFile(Value{}, Value{}, std::nullopt);
    EXPECT_FALSE(A().has_bounds);
    EXPECT_FALSE(A().non_null);
}

TEST_F(ExactColumnsTest, BoundsThatWritersCutAreNotExact) {
    const std::vector<std::pair<Type, Value>> cases = {
        {Type(TypeKind::kString), std::string("b")},
        {Type(TypeKind::kTimestamp), table::Timestamp{5}},
        {Type(TypeKind::kTimestampNtz), table::Timestamp{5}},
        {Type(TypeKind::kDouble), 1.5},
        {Type(TypeKind::kFloat), 1.5},
        {Type::Decimal(16, 2), table::Decimal{5, 2}}};
    for (const auto& [type, value] : cases) {
        SetType(type);
        snapshot_.files.clear();
        AddFile(value, value, 0);
        EXPECT_FALSE(A().has_bounds) << type.ToString();
        EXPECT_EQ(A().non_null, 10U);
    }
    SetType(Type::Decimal(15, 2));
    snapshot_.files.clear();
    AddFile(table::Decimal{5, 2}, table::Decimal{7, 2}, 0);
    EXPECT_TRUE(A().has_bounds);
}

TEST_F(ExactColumnsTest, PartitionValuesAreExact) {
    AddFile(int64_t{5}, int64_t{9}, 0).partition_values = {std::string("b")};
    Delete(AddFile(int64_t{5}, int64_t{9}, 0), 4);
    AddFile(int64_t{5}, int64_t{9}, 0).partition_values = {Value{}};
    const ExactColumn p = ExactColumns::Gather(snapshot_, {}, {1})->Of(1);
    EXPECT_EQ(p.non_null, 16U);
    EXPECT_TRUE(p.has_bounds);
    EXPECT_EQ(p.min, Value(std::string("b")));
    EXPECT_EQ(p.max, Value(std::string("x")));
    SetType(Type(TypeKind::kInt), Type(TypeKind::kDouble));
    for (DataFile& file : snapshot_.files) file.partition_values = {1.0};
    EXPECT_FALSE(ExactColumns::Gather(snapshot_, {}, {1})->Of(1).has_bounds);  // NaN
}

}  // namespace
}  // namespace tarn::engine::duck
