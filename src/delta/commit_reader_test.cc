#include "delta/commit_reader.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "storage/memory_store.h"

namespace tarn::delta {
namespace {

constexpr size_t kPiece = 1 << 20;

class CommitReaderTest : public testing::Test {
protected:
    void Put(const std::string& name, std::string_view text) {
        const std::string location = "mem://t/_delta_log/" + name;
        store_.Put(location, text);
        files_.push_back(*store_.Stat(location));
    }

    static void Append(CommitActions&& actions, std::vector<std::string>& lines) {
        FileRows::Reader rows(actions.adds);
        ASSERT_EQ(actions.keys.size(), actions.adds.Count());
        for (uint32_t row = 0; row < actions.adds.Count(); ++row) {
            const FileView file = rows.At(row);
            ASSERT_EQ(actions.keys[row], KeyOf(file.path, file.deletion_vector));
            lines.push_back(SerializeAction(file.ToAdd(true)));
        }
        for (const Action& action : actions.others) lines.push_back(SerializeAction(action));
    }

    // What each file says, sorted; what refused it.
    std::vector<std::vector<std::string>> Read() {
        std::vector<std::vector<std::string>> all;
        CommitReader reader(store_, files_);
        for (size_t i = 0; i < files_.size(); ++i) {
            auto& lines = all.emplace_back();
            try {
                reader.Next([&](CommitActions&& actions) { Append(std::move(actions), lines); });
            } catch (const Error& error) {
                lines = {std::string(TraitsOf(error.kind()).name), error.message()};
                continue;
            }
            std::sort(lines.begin(), lines.end());
        }
        return all;
    }

    static std::vector<std::string> Sequential(std::string_view text) {
        std::vector<std::string> lines;
        ParseActions(text, "",
                     [&](const Action& action) { lines.push_back(SerializeAction(action)); });
        std::sort(lines.begin(), lines.end());
        return lines;
    }

    ManualClock clock_{TimestampUs(std::chrono::seconds(1'700'000'000))};
    storage::MemoryStore store_{clock_};
    std::vector<storage::ObjectInfo> files_;
};

std::string AddLine(size_t number, size_t stats_size) {
    Add add;
    add.path = "p=" + std::to_string(number % 7) + "/" + std::to_string(number);
    add.partition_values = {{"p", std::to_string(number % 7)}};
    add.size_bytes = static_cast<int64_t>(number);
    add.stats = "{\"numRecords\":" + std::to_string(number) + ",\"x\":\"" +
                std::string(stats_size, 'x') + "\"}";
    if (number % 5 == 0) add.deletion_vector = DeletionVector{'u', "abc", 4, 40, 6};
    return SerializeAction(add) + "\n";
}

TEST_F(CommitReaderTest, PiecesOfALargeFileGiveWhatTheWholeGives) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        SeededRandom random(seed);
        std::string text;
        size_t number = 0;
        while (text.size() < 5 * kPiece) {
            // A line may be larger than a piece, and than what is looked for its end.
            const bool is_long = random.Below(3000) == 0;
            text += AddLine(++number, random.Below(is_long ? 6 * kPiece : 1000));
            if (random.Below(10) == 0) text += SerializeAction(Transaction{"a", 1, {}}) + "\r\n";
        }
        if (seed % 2 == 0) text.pop_back();
        files_.clear();
        Put("0.json", text);
        EXPECT_EQ(Read()[0], Sequential(text)) << "seed " << seed;
    }
}

TEST_F(CommitReaderTest, LinesMayEndWherePiecesEnd) {
    std::string text;
    size_t number = 1'000'000;
    while (text.size() < 4 * kPiece) {
        const size_t bare = AddLine(++number, 0).size();
        text += AddLine(number, 1024 - bare);
    }
    ASSERT_EQ(text[kPiece - 1], '\n');
    Put("0.json", text);
    Put("1.json", "\n" + text);
    Put("2.json", text.substr(1));  // its first line is broken
    const auto read = Read();
    EXPECT_EQ(read[0].size(), 4096U);
    EXPECT_EQ(read[0], Sequential(text));
    EXPECT_EQ(read[1], read[0]);
    EXPECT_EQ(read[2][0], "Corrupt");
}

TEST_F(CommitReaderTest, ALargeFileOfSeveralLinesAnActionIsRead) {
    std::string text;
    for (size_t number = 0; text.size() < 3 * kPiece; ++number) {
        std::string line = AddLine(number, 300);
        line.insert(line.find("{\"path"), "\n");
        text += line;
    }
    Put("0.json", text);
    EXPECT_EQ(Read()[0], Sequential(text));
}

TEST_F(CommitReaderTest, AFileThatIsRefusedNamesItsLineAndTheNextIsRead) {
    std::string text;
    size_t lines = 0;
    for (; text.size() < 3 * kPiece; ++lines) text += AddLine(lines, 300);
    Put("0.json", text + "{\"add\":{\"path\":1}}\n" + text);
    Put("1.json", text);
    Put("2.json", "{\"protocol\":{\"minReaderVersion\":5000,\"minWriterVersion\":2}}");
    Put("3.json", text);
    files_.push_back(files_[0]);
    files_.back().location = "mem://t/_delta_log/gone.json";
    Put("5.json", AddLine(1, 1));
    const auto read = Read();
    ASSERT_EQ(read[0].size(), 2U);
    EXPECT_EQ(read[0][0], "Corrupt");
    EXPECT_NE(read[0][1].find("0.json, line " + std::to_string(lines + 1) + ":"), std::string::npos)
        << read[0][1];
    EXPECT_EQ(read[1], Sequential(text));
    EXPECT_EQ(read[2][0], "Unsupported");
    EXPECT_EQ(read[3], read[1]);
    EXPECT_EQ(read[4][0], "NotFound");
    EXPECT_EQ(read[5], Sequential(AddLine(1, 1)));
}

TEST_F(CommitReaderTest, ManySmallFilesComeInOrder) {
    for (size_t i = 0; i < 5000; ++i) Put(std::to_string(10'000 + i), AddLine(i, i % 50));
    const auto read = Read();
    for (size_t i = 0; i < read.size(); ++i) ASSERT_EQ(read[i], Sequential(AddLine(i, i % 50)));
    // Whoever stops early is not waited for.
    CommitReader reader(store_, files_);
    reader.Next([](CommitActions&&) {});
}

}  // namespace
}  // namespace tarn::delta
