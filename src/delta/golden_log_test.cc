// Real tables of other writers (shared/golden): the state of their logs, without reading data
// files. Tables with Parquet checkpoints need the engine and are tested there.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "base/text.h"
#include "delta/testing/table_fixture.h"
#include "storage/local_store.h"

namespace tarn::delta {
namespace {

namespace fs = std::filesystem;
using Row = std::map<std::string, std::string>;

// shared/golden beside the project or one of its parents; empty when it is not there.
fs::path GoldenFolder() {
    for (fs::path at = fs::current_path(); at != at.root_path(); at = at.parent_path()) {
        const fs::path golden = at / "shared" / "golden";
        if (fs::exists(golden / "manifest.csv")) return golden;
    }
    return {};
}

// RFC 4180.
std::vector<Row> ReadManifest(const fs::path& file) {
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    std::vector<std::vector<std::string>> lines(1, std::vector<std::string>(1));
    bool quoted = false;
    const std::string bytes = text.str();
    for (size_t i = 0; i < bytes.size(); ++i) {
        std::string& cell = lines.back().back();
        const char c = bytes[i];
        if (quoted && c == '"' && i + 1 < bytes.size() && bytes[i + 1] == '"') {
            cell += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            lines.back().emplace_back();
        } else if (c == '\n' && !quoted) {
            lines.emplace_back(1);
        } else if (c != '\r') {
            cell += c;
        }
    }
    std::vector<Row> rows;
    for (size_t i = 1; i < lines.size(); ++i) {
        if (lines[i].size() != lines[0].size()) continue;
        Row& row = rows.emplace_back();
        for (size_t j = 0; j < lines[0].size(); ++j) row[lines[0][j]] = lines[i][j];
    }
    return rows;
}

bool HasParquetCheckpoint(const fs::path& table) {
    if (!fs::exists(table / "_delta_log")) return false;
    if (fs::exists(table / "_delta_log" / "_sidecars")) return true;
    for (const auto& entry : fs::directory_iterator(table / "_delta_log")) {
        const std::string name = entry.path().filename();
        if (name.find(".checkpoint") != std::string::npos &&
            entry.path().extension() == ".parquet") {
            return true;
        }
    }
    return false;
}

// May have features that this Tarn refuses to read, by name.
bool MayBeRefused(const Row& row) {
    const std::string& features = row.at("features");
    return features.find("variant") != std::string::npos ||
           features.find("geospatial") != std::string::npos ||
           features.find("catalogManaged") != std::string::npos ||
           features.find("catalogOwned") != std::string::npos;
}

TEST(GoldenLogTest, LogsOfOtherWritersReplayAsTheySay) {
    const fs::path golden = GoldenFolder();
    if (golden.empty()) {
        GTEST_SKIP() << "shared/golden is not beside the project; put it there to run this";
    }
    RealClock clock;
    RealRandom random;
    storage::LocalStore store;
    NoParquet parquet;
    Format format(store, parquet, clock, random);
    int loaded = 0;
    int counted = 0;
    for (const Row& row : ReadManifest(golden / "manifest.csv")) {
        const fs::path table = golden / row.at("path");
        if (HasParquetCheckpoint(table)) continue;
        SCOPED_TRACE(row.at("path") + " " + row.at("kind") + " " + row.at("version"));
        if (row.at("kind") == "error") {
            const ErrorKind kind =
                KindOf([&] { (void)format.Load(table.string(), table::Latest{}); });
            EXPECT_TRUE(kind == ErrorKind::kUnsupported || kind == ErrorKind::kCorrupt ||
                        kind == ErrorKind::kNotFound);
            continue;
        }
        const auto version = ParseInt(row.at("version"));
        if (!version || (row.at("kind") != "snapshot" && row.at("kind") != "log")) continue;
        try {
            const auto snapshot = format.Load(table.string(), table::Version{*version});
            (void)snapshot->Plan(table::Predicate::True());
            ++loaded;
            const auto expected = ParseInt(row.at("expected_rows"));
            const auto rows = snapshot->LiveRows();
            if (!expected || !rows || row.at("kind") == "log") continue;
            EXPECT_EQ(static_cast<int64_t>(*rows), *expected);
            ++counted;
        } catch (const Error& error) {
            EXPECT_TRUE(MayBeRefused(row) && error.kind() == ErrorKind::kUnsupported)
                << error.what();
        }
    }
    EXPECT_GT(loaded, 90);
    EXPECT_GT(counted, 50);
}

}  // namespace
}  // namespace tarn::delta
