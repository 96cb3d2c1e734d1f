// Data files of others, whose pages have Parquet's delta encodings and byte streams: DuckDB's
// decoders believe what such a page says of itself.
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "delta/log_path.h"
#include "flip/flipped_table.h"

namespace tarn {
namespace {

std::string FixtureBytes(const std::string& name) {
    std::ifstream file(std::string(TARN_FLIP_DATA) + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class DeltaPagesTest : public FlippedTable {
protected:
    void SetUp() override {
        Do("CREATE TABLE t (a INTEGER, b BIGINT, s VARCHAR, t VARCHAR, d DOUBLE) USING DELTA");
        const auto& state = State();
        std::string commit;
        for (const char* name : {"v1.parquet", "v2.parquet"}) {
            const std::string bytes = FixtureBytes(name);
            ASSERT_FALSE(bytes.empty()) << name;
            lake_.store.Put(root_ + "/" + name, bytes);
            commit += fmt::format(
                R"({{"add":{{"path":"{}","partitionValues":{{}},"size":{},"modificationTime":1,)"
                R"("dataChange":true}}}})"
                "\n",
                name, bytes.size());
        }
        lake_.store.Put(delta::CommitLocation(root_, state.version.Next()), commit);
        Remember("common/prefix/29/299|");
    }
};

TEST_F(DeltaPagesTest, OfBothVersionsOfPages) {
    FlipAndCut([](const std::string& name) { return name.ends_with(".parquet"); });
}

}  // namespace
}  // namespace tarn
