#include "delta/actions.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/random.h"

namespace tarn::delta {
namespace {

std::vector<Action> Parse(std::string_view bytes) {
    std::vector<Action> actions;
    ParseActions(bytes, "0.json", [&](Action&& action) { actions.push_back(std::move(action)); });
    return actions;
}

std::vector<Action> EveryKind() {
    CommitInfo info;
    info.timestamp_ms = 1;
    info.in_commit_timestamp_ms = 2;
    info.operation = "WRITE";
    info.parameters = {{"mode", "\"Append\""}, {"list", "[1,\"a\"]"}};
    info.metrics = {{"numFiles", "1"}};
    info.transaction_id = "id";
    info.is_blind_append = true;
    info.others = {{"engineInfo", "Tarn"}};
    Protocol protocol{3, 7, std::vector<std::string>{"deletionVectors"},
                      std::vector<std::string>{"deletionVectors", "appendOnly"}};
    Metadata metadata;
    metadata.id = "u";
    metadata.name = "n\"ame";
    metadata.schema_string = R"({"type":"struct","fields":[]})";
    metadata.partition_columns = {"p"};
    metadata.created_time_ms = 7;
    metadata.configuration = {{"delta.appendOnly", "true"}};
    Add add;
    add.path = "p=1/a%20b.parquet";
    add.partition_values = {{"p", "1"}, {"q", std::nullopt}};
    add.size_bytes = 10;
    add.modification_time_ms = 11;
    add.data_change = false;
    add.stats = R"({"numRecords":3})";
    add.deletion_vector = DeletionVector{'u', "abc", 4, 40, 6};
    add.extras.tags = {{"t", "v"}};
    add.extras.base_row_id = 5;
    Remove remove;
    remove.path = "a";
    remove.deletion_timestamp_ms = 12;
    remove.has_file_metadata = true;
    remove.partition_values = {{"p", "\xc3\xa9"}};
    remove.size_bytes = 9;
    return {info,
            protocol,
            metadata,
            add,
            remove,
            ChangeDataFile{"c", {}, 3},
            Transaction{"app", 9, 10},
            DomainMetadata{"d", "{}", true},
            Sidecar{"s", 1, 2},
            CheckpointMetadata{4}};
}

TEST(ActionsTest, EveryKindRoundTrips) {
    std::string lines;
    for (const Action& action : EveryKind()) lines += SerializeAction(action) + "\n";
    EXPECT_EQ(Parse(lines), EveryKind());
}

TEST(ActionsTest, UnknownActionsFieldsAndNullsAreIgnored) {
    const auto actions = Parse(
        "{\"future\":{\"a\":[1,{}]}}\r\n\n"
        R"({"add":{"path":"x","size":1,"new":{"a":[]},)"
        R"("stats":null,"deletionVector":null,"tags":null},"remove":null})");
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_EQ(std::get<Add>(actions[0]).path, "x");
    EXPECT_FALSE(std::get<Add>(actions[0]).deletion_vector);
}

TEST(ActionsTest, UniqueIdCarriesTheOffset) {
    EXPECT_EQ((DeletionVector{'u', "ab", 4, 1, 1}.UniqueId()), "uab@4");
    EXPECT_EQ((DeletionVector{'i', "ab", std::nullopt, 1, 1}.UniqueId()), "iab");
}

TEST(ActionsTest, BrokenLinesAreCorrupt) {
    for (const char* line :
         {"x", "[]", "{", R"({"add":{"path":"x")", R"({"add":{"path":1,"size":1}})",
          R"({"add":{"size":1}})", R"({"add":{"path":"x","size":1,"stats":"\q"}})",
          R"({"txn":{"appId":"a"}})", R"({"add":[]})", R"({"add":{"path":"x","size":1}} trailing)",
          R"({"add":{"path":"x","size":"1"}})", "{\"add\":{\"path\":\"\xff\",\"size\":1}}", "42",
          "\"a\"", "null"}) {
        try {
            (void)Parse(line);
            ADD_FAILURE() << "accepted " << line;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kCorrupt) << line;
        }
    }
}

TEST(ActionsTest, AnActionMayStandOnSeveralLinesAndALineMayHoldSeveral) {
    // The JSON text of a parameter stays as it is written.
    std::vector<Action> kinds = EveryKind();
    std::get<CommitInfo>(kinds[0]).parameters.erase("list");
    std::string pretty;
    for (const Action& action : kinds) {
        pretty += nlohmann::json::parse(SerializeAction(action)).dump(2);
    }
    EXPECT_EQ(Parse(pretty), kinds);
    EXPECT_EQ(Parse(" \r\n\t" + pretty + "\n\n"), kinds);
    std::string one_line;
    for (const Action& action : EveryKind()) one_line += SerializeAction(action) + " ";
    EXPECT_EQ(Parse(one_line), EveryKind());
    // A line that is an object of its own may stand inside another action.
    const auto mixed = Parse(R"({"add":{"path":"a","size":1}}
{"add":
{"path":"}\"{","size":2}
}{"add":{"path":"c","size":3,"tags":
{}
}}
)");
    ASSERT_EQ(mixed.size(), 3U);
    EXPECT_EQ(std::get<Add>(mixed[1]).path, "}\"{");
    EXPECT_EQ(std::get<Add>(mixed[2]).path, "c");
}

TEST(ActionsTest, ACutActionIsCorruptAtTheLineWhereItBegins) {
    const std::string good = "{\"add\":\n{\"path\":\"a\",\"size\":1}}\n";
    for (const char* cut :
         {"{\n\"add\":{\"path\":\"b\",\n\"size\":1}", "{\"add\":{\"path\":\"b\n", "}",
          "{\n\"add\":{\"path\":1,\n\"size\":1}}", "{\"add\"\n:{\"size\":1}}"}) {
        try {
            (void)Parse(good + cut);
            ADD_FAILURE() << "accepted " << cut;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kCorrupt) << cut;
            EXPECT_NE(error.message().find("0.json, line 3:"), std::string::npos)
                << error.message();
        }
    }
}

TEST(ActionsTest, KeysAndTextsMayBeEscaped) {
    const auto actions = Parse(
        R"({"\u0061dd":{"p\u0061th":"a\u00e9\"","size":1,"st\u0061ts":"{\"numRecords\":\u0033}",)"
        R"("partitionValues":{"\u0070":"x\n"}}})");
    ASSERT_EQ(actions.size(), 1U);
    const Add& add = std::get<Add>(actions[0]);
    EXPECT_EQ(add.path, "a\xc3\xa9\"");
    EXPECT_EQ(add.stats, R"({"numRecords":3})");
    EXPECT_EQ(add.partition_values, (PartitionTexts{{"p", "x\n"}}));
}

TEST(ActionsTest, OnlyCorruptOrUnsupportedLeavesBrokenBytes) {
    std::string good;
    for (const Action& action : EveryKind()) good += SerializeAction(action) + "\n";
    for (uint64_t seed = 1; seed <= 4000; ++seed) {
        SeededRandom random(seed);
        std::string broken = good;
        for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
            broken[random.Below(broken.size())] = static_cast<char>(random.Next());
        }
        if (random.Below(3) == 0) broken.resize(random.Below(broken.size()));
        try {
            (void)Parse(broken);
        } catch (const Error& error) {
            ASSERT_TRUE(error.kind() == ErrorKind::kCorrupt ||
                        error.kind() == ErrorKind::kUnsupported)
                << "seed " << seed << ": " << error.what();
        }
    }
}

}  // namespace
}  // namespace tarn::delta
