// A partitioned table is written with a bounded number of open files, whatever its partitions.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

// The process may have as many open meanwhile.
class OpenFileLimit {
public:
    explicit OpenFileLimit(rlim_t most) {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit limit{std::min(most, before_.rlim_max), before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    ~OpenFileLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
    OpenFileLimit(const OpenFileLimit&) = delete;
    OpenFileLimit& operator=(const OpenFileLimit&) = delete;

private:
    rlimit before_{};
};

// Fewer than one writer may have open, and more than two of them together may.
constexpr int kPartitions = 300;
constexpr rlim_t kMostOpen = 512;

class OpenFiles : public testing::TestWithParam<const char*> {
protected:
    void Do(const std::string& sql) {
        EXPECT_NO_THROW(session_->Run(sql)) << sql << "\n" << Rows(*session_, sql);
    }
    std::string Ask(const std::string& sql) { return Rows(*session_, sql); }

    TestLake lake_{EngineOptions{}, true};
    std::unique_ptr<Session> session_ = lake_.Connect();
};

// "Too many open files": the files of the rows and those of the change feed were bounded apart.
TEST_P(OpenFiles, AChangeFeedOfManyPartitionsIsWrittenWithFewOpen) {
    Do(
        fmt::format("CREATE TABLE t (p INTEGER, a BIGINT) PARTITIONED BY (p) TBLPROPERTIES "
                    "('delta.enableChangeDataFeed' = 'true', {})",
                    GetParam()));
    const OpenFileLimit limit(kMostOpen);
    // In a transaction the new rows are recorded, too.
    Do("BEGIN");
    Do(fmt::format("INSERT INTO t SELECT i % {0}, i FROM range(2 * {0}) r(i)", kPartitions));
    Do("COMMIT");
    Do("UPDATE t SET a = a + 1");
    EXPECT_EQ(Ask("SELECT count(*), count(DISTINCT p), min(a) FROM t"),
              fmt::format("{}|{}|1", 2 * kPartitions, kPartitions));
    EXPECT_EQ(
        Ask("SELECT _change_type, count(*) FROM table_changes('t', 1, 2) GROUP BY ALL ORDER "
            "BY ALL"),
        fmt::format("insert|{0}\nupdate_postimage|{0}\nupdate_preimage|{0}", 2 * kPartitions));
}

INSTANTIATE_TEST_SUITE_P(Deletes, OpenFiles,
                         testing::Values("'delta.enableDeletionVectors' = 'false'",
                                         "'delta.enableDeletionVectors' = 'true'"),
                         [](const auto& test) {
                             return std::string(test.param).find("true") == std::string::npos
                                        ? "ByCopy"
                                        : "ByVector";
                         });

}  // namespace
}  // namespace tarn::engine
