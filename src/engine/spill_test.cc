// Statements whose rows do not fit the engine's memory: they go through files, and without a place
// for those they are refused and change nothing.
#include <string>

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

constexpr bool kIsOnDisk = true;

EngineOptions Small(const std::string& temp_folder) {
    EngineOptions options;
    options.memory_limit_bytes = uint64_t{120} << 20;
    options.threads = 1;
    options.temp_folder = temp_folder;
    return options;
}

// 1.5 million rows, 60 bytes each and more.
std::string Wide(const std::string& key) {
    return "SELECT " + key + " AS k, repeat('x', 50) || i AS v FROM range(1500000) r(i)";
}

struct Spilling {
    std::string prepare;
    std::string sql;
    std::string check;
    std::string before;
    std::string after;
};

const Spilling kMerge{
    "CREATE TABLE t AS " + Wide("i"),
    "MERGE INTO t USING (" + Wide("2 * i") +
        ") s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = 'new' || s.v WHEN NOT MATCHED THEN "
        "INSERT (k, v) VALUES (s.k, s.v)",
    "SELECT count(*), count(DISTINCT k), count(*) FILTER (starts_with(v, 'new')) FROM t",
    "1500000|1500000|0",
    "2250000|2250000|750000",
};
const Spilling kInsert{
    "CREATE TABLE t (k BIGINT, v VARCHAR)",
    "INSERT INTO t SELECT * FROM (" + Wide("i") + ") ORDER BY hash(k), v",
    "SELECT count(*), sum(k) FROM t",
    "0|NULL",
    "1500000|1124999250000",
};

class SpillTest : public testing::TestWithParam<Spilling> {};

TEST_P(SpillTest, ALargeStatementGoesThroughFiles) {
    const TestFolder temp;
    TestLake lake(Small(temp.path() + "/spill"), kIsOnDisk);
    const auto session = lake.Connect();
    session->Run(GetParam().prepare);
    session->Run(GetParam().sql);
    EXPECT_EQ(Rows(*session, GetParam().check), GetParam().after);
}

TEST_P(SpillTest, WithoutAPlaceForFilesItChangesNothing) {
    TestLake lake(Small(""), kIsOnDisk);
    const auto session = lake.Connect();
    session->Run(GetParam().prepare);
    EXPECT_EQ(KindOf(*session, GetParam().sql), ErrorKind::kLimitExceeded);
    EXPECT_EQ(Rows(*session, GetParam().check), GetParam().before);
}

INSTANTIATE_TEST_SUITE_P(Of, SpillTest, testing::Values(kMerge, kInsert),
                         [](const testing::TestParamInfo<Spilling>& tested) {
                             return tested.index == 0 ? "Merge" : "Insert";
                         });

}  // namespace
}  // namespace tarn::engine
