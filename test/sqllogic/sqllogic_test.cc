// Every file below test/sql, on every store: one test each.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "sqllogic/runner.h"

namespace tarn::sqllogic {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Files() {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(TARN_SQL_TESTS)) {
        if (entry.path().extension() == ".test")
            files.push_back(fs::relative(entry.path(), TARN_SQL_TESTS).string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string TestName(std::string file) {
    file.resize(file.size() - std::string_view(".test").size());
    std::replace_if(
        file.begin(), file.end(),
        [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    return file;
}

class SqlLogic : public testing::TestWithParam<std::tuple<std::string, Store>> {};

TEST_P(SqlLogic, Holds) {
    const auto& [file, store] = GetParam();
    std::ifstream input(fs::path(TARN_SQL_TESTS) / file);
    std::stringstream text;
    text << input.rdbuf();
    const std::string folder =
        (fs::temp_directory_path() / fmt::format("tarn-logic-{}", ::getpid())).string();
    fs::remove_all(folder);
    {
        Runner runner(store, folder);
        for (const Failure& failure : runner.Run(ReadScript(text.str(), file))) {
            ADD_FAILURE() << file << ":" << failure.line << ": " << failure.what;
        }
    }
    fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Files, SqlLogic,
                         testing::Combine(testing::ValuesIn(Files()),
                                          testing::Values(Store::kDisk, Store::kMemory)),
                         [](const auto& test) {
                             return TestName(std::get<0>(test.param)) +
                                    (std::get<1>(test.param) == Store::kDisk ? "_disk" : "_memory");
                         });

}  // namespace
}  // namespace tarn::sqllogic
