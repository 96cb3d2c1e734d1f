#include "catalog/catalog.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/yaml.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"

namespace tarn::catalog {
namespace {

using engine::DirectoryEntry;
using engine::EntryKind;
using testing::ElementsAre;

class CatalogTest : public testing::Test {
protected:
    CatalogTest() { catalog_ = Open(); }

    std::unique_ptr<Catalog> Open() {
        return Catalog::Open(LakeConfig::Parse("name: lake_a\naliases: lake_b", folder_.path()),
                             clock_, random_);
    }

    DirectoryEntry Table(const std::string& schema, const std::string& name) {
        DirectoryEntry entry;
        entry.id = NewUuid(clock_, random_);
        entry.name = {schema, name};
        entry.location = catalog_->ManagedLocation(entry.name, entry.id);
        return entry;
    }

    DirectoryEntry External(const std::string& name, const std::string& location) {
        DirectoryEntry entry = Table("main", name);
        entry.location = location;
        entry.managed = false;
        return entry;
    }

    DirectoryEntry View(const std::string& name, const std::string& sql) {
        DirectoryEntry entry;
        entry.name = {"main", name};
        entry.kind = EntryKind::kView;
        entry.sql = sql;
        return entry;
    }

    DirectoryEntry Function(const std::string& name, const std::string& sql) {
        DirectoryEntry entry = View(name, sql);
        entry.kind = EntryKind::kFunction;
        return entry;
    }

    std::string StateFile(const std::string& name) {
        std::ifstream in(folder_.path() + "/.tarn/" + name);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }

    template <typename Call>
    static std::optional<ErrorKind> KindOf(Call call) {
        try {
            call();
        } catch (const Error& error) {
            return error.kind();
        }
        return std::nullopt;
    }

    static std::vector<std::string> Names(const std::vector<engine::SchemaEntry>& schemas) {
        std::vector<std::string> names;
        for (const auto& schema : schemas) names.push_back(schema.name);
        return names;
    }

    ScratchFolder folder_;
    ManualClock clock_{TimestampUs(std::chrono::hours(24 * 365 * 56))};
    SeededRandom random_{7};
    std::unique_ptr<Catalog> catalog_;
};

TEST_F(CatalogTest, AnEmptyLakeHasItsSchemasAndNoState) {
    EXPECT_THAT(Names(catalog_->Schemas()), ElementsAre("main", "ops"));
    EXPECT_TRUE(catalog_->FindSchema("Default").has_value());
    EXPECT_FALSE(catalog_->FindSchema("gold").has_value());
    EXPECT_FALSE(catalog_->Find({"main", "t"}).has_value());
    EXPECT_TRUE(catalog_->List("main").empty());
    EXPECT_EQ(KindOf([&] { catalog_->Drop({"main", "t"}, EntryKind::kTable); }),
              ErrorKind::kNotFound);
    EXPECT_EQ(KindOf([&] { catalog_->DropSchema("gold", true); }), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf([&] { catalog_->Register(Table("gold", "t")); }), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf([&] { catalog_->CreateSchema({"main", "", {}}); }), ErrorKind::kAlreadyExists);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(CatalogTest, NamesKeepTheirCaseAndAreFoundInAny) {
    catalog_->CreateSchema({"Silver", "clean", {}});
    catalog_->Register(Table("silver", "Events"));
    const auto found = catalog_->Find({"SILVER", "eVENTS"});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->name.ToString(), "Silver.Events");
    EXPECT_TRUE(found->managed);
    EXPECT_EQ(catalog_->FindSchema("silver")->comment, "clean");
    EXPECT_THAT(Names(catalog_->Schemas()), ElementsAre("main", "Silver", "ops"));
}

TEST_F(CatalogTest, PropertiesOfAnEntryAreSetOneByOne) {
    catalog_->Register(Table("main", "t"));
    const uint64_t before = catalog_->ChangeCounter();
    catalog_->SetProperty({"main", "T"}, "a", "1");
    catalog_->SetProperty({"main", "t"}, "b", "2");
    EXPECT_GT(catalog_->ChangeCounter(), before);
    const std::map<std::string, std::string> both = {{"a", "1"}, {"b", "2"}};
    EXPECT_EQ(catalog_->Find({"main", "t"})->properties, both);
    EXPECT_EQ(KindOf([&] { catalog_->SetProperty({"main", "u"}, "a", "1"); }),
              ErrorKind::kNotFound);
}

TEST_F(CatalogTest, DefaultIsMain) {
    catalog_->Register(Table("default", "t"));
    EXPECT_EQ(catalog_->Find({"main", "t"})->name.schema, "main");
    EXPECT_TRUE(catalog_->Find({"Default", "T"}).has_value());
    EXPECT_EQ(catalog_->List("default").size(), 1U);
}

TEST_F(CatalogTest, NamesEqualUnderUnicodeFoldingAreRefused) {
    catalog_->Register(Table("main", "Straße_Ä"));
    EXPECT_EQ(KindOf([&] { catalog_->Register(Table("main", "straße_ä")); }),
              ErrorKind::kAlreadyExists);
    EXPECT_FALSE(catalog_->Find({"main", "straße_ä"}).has_value());
    catalog_->CreateSchema({"Ärzte", "", {}});
    EXPECT_EQ(KindOf([&] { catalog_->CreateSchema({"ärzte", "", {}}); }),
              ErrorKind::kAlreadyExists);
}

TEST_F(CatalogTest, ReservedSchemasAreRefused) {
    for (const char* name :
         {"system", "TEMP", "pg_catalog", "information_schema", "Lake_A", "lake_b", ""}) {
        EXPECT_EQ(KindOf([&] { catalog_->CreateSchema({name, "", {}}); }), ErrorKind::kInvalidInput)
            << name;
    }
    EXPECT_EQ(KindOf([&] { catalog_->CreateSchema({"default", "", {}}); }),
              ErrorKind::kAlreadyExists);
    EXPECT_EQ(KindOf([&] { catalog_->CreateSchema({"ops", "", {}}); }), ErrorKind::kAlreadyExists);
    EXPECT_EQ(KindOf([&] { catalog_->DropSchema("main", true); }), ErrorKind::kInvalidInput);
}

TEST_F(CatalogTest, ASchemaWithEntriesGoesOnlyByCascade) {
    catalog_->CreateSchema({"gold", "", {}});
    catalog_->Register(Table("gold", "a"));
    EXPECT_EQ(KindOf([&] { catalog_->DropSchema("gold", false); }), ErrorKind::kInvalidInput);
    catalog_->DropSchema("GOLD", true);
    EXPECT_FALSE(catalog_->FindSchema("gold").has_value());
    catalog_->CreateSchema({"gold", "", {}});
    EXPECT_TRUE(catalog_->List("gold").empty());
}

TEST_F(CatalogTest, NoTableLiesInsideAnother) {
    catalog_->Register(External("outer", "/data/outer"));
    for (const char* location : {"/data/outer", "/data/outer/", "file:///data/outer/in", "/data",
                                 "/data/x/../outer/deep/er", "/"}) {
        EXPECT_EQ(KindOf([&] { catalog_->Register(External("t", location)); }),
                  ErrorKind::kInvalidInput)
            << location;
    }
    EXPECT_EQ(KindOf([&] { catalog_->Register(External("t", folder_.path())); }),
              ErrorKind::kInvalidInput);
    catalog_->Register(External("beside", "/data/outer2"));
    catalog_->Register(External("above_only_in_text", "/data/out"));
    const auto managed = Table("main", "m");
    catalog_->Register(managed);
    EXPECT_EQ(KindOf([&] { catalog_->Register(External("t", managed.location + "/x")); }),
              ErrorKind::kInvalidInput);
    // The dropped one's files are still there.
    catalog_->Drop({"main", "m"}, EntryKind::kTable);
    EXPECT_EQ(KindOf([&] { catalog_->Register(External("t", managed.location)); }),
              ErrorKind::kInvalidInput);
    // Of an external table nothing is ours.
    catalog_->Drop({"main", "outer"}, EntryKind::kTable);
    catalog_->Register(External("outer", "/data/outer"));
    catalog_->Drop({"main", "outer"}, EntryKind::kTable);
}

TEST_F(CatalogTest, ADroppedNameIsFreeAtOnceInAnotherFolder) {
    const auto first = Table("main", "t");
    catalog_->Register(first);
    catalog_->Drop({"main", "T"}, EntryKind::kTable);
    EXPECT_FALSE(catalog_->Find({"main", "t"}).has_value());
    const auto second = Table("main", "t");
    EXPECT_NE(first.location, second.location);
    catalog_->Register(second);
    EXPECT_EQ(catalog_->Find({"main", "t"})->id, second.id);
}

TEST_F(CatalogTest, ViewsAreReplacedButTablesAreNot) {
    catalog_->Register(View("v", "SELECT 1"));
    EXPECT_EQ(KindOf([&] { catalog_->Register(View("V", "SELECT 2")); }),
              ErrorKind::kAlreadyExists);
    catalog_->Replace(View("V", "SELECT '${x}'\n\"quoted\""));
    EXPECT_EQ(catalog_->Find({"main", "v"})->sql, "SELECT '${x}'\n\"quoted\"");
    catalog_->Register(Table("main", "t"));
    EXPECT_EQ(KindOf([&] { catalog_->Replace(View("t", "SELECT 1")); }), ErrorKind::kAlreadyExists);
    EXPECT_EQ(KindOf([&] { catalog_->Drop({"main", "t"}, EntryKind::kView); }),
              ErrorKind::kInvalidInput);
    catalog_->Rename({"main", "v"}, "Seen");
    EXPECT_FALSE(catalog_->Find({"main", "v"}));
    EXPECT_EQ(catalog_->Find({"main", "seen"})->name.name, "Seen");
    EXPECT_EQ(KindOf([&] { catalog_->Rename({"main", "seen"}, "T"); }), ErrorKind::kAlreadyExists);
    EXPECT_EQ(KindOf([&] { catalog_->Rename({"main", "v"}, "w"); }), ErrorKind::kNotFound);
    catalog_->Rename({"main", "seen"}, "SEEN");  // its own name in other letters
    catalog_->Rename({"main", "seen"}, "v");
    EXPECT_EQ(KindOf([&] { catalog_->Drop({"main", "v"}, EntryKind::kTable); }),
              ErrorKind::kInvalidInput);
    catalog_->Drop({"main", "v"}, EntryKind::kView);
    EXPECT_FALSE(catalog_->Find({"main", "v"}).has_value());
}

TEST_F(CatalogTest, WhatStandsInNoLogStandsInTheFile) {
    DirectoryEntry external = External("ext", "/data/ext");
    external.comment = "has: colon";
    external.properties = {{"a.b", "1"}};
    catalog_->Register(external);
    catalog_->Register(View("v", "SELECT '${x}'\n\"quoted\", 'é'"));
    catalog_->Register(Table("main", "managed"));
    const YamlNode file = YamlNode::Parse(StateFile("catalog.yml"), "catalog.yml");
    ASSERT_EQ(file.At("views").Items().size(), 1U);
    EXPECT_EQ(file.At("views").Items()[0].At("sql").AsString(), "SELECT '${x}'\n\"quoted\", 'é'");
    ASSERT_EQ(file.At("tables").Items().size(), 1U);
    const YamlNode table = file.At("tables").Items()[0];
    EXPECT_EQ(table.At("location").AsString(), "/data/ext");
    EXPECT_EQ(table.At("comment").AsString(), "has: colon");
    EXPECT_EQ(table.At("properties").At("a.b").AsString(), "1");
    catalog_->Drop({"main", "v"}, EntryKind::kView);
    EXPECT_TRUE(YamlNode::Parse(StateFile("catalog.yml"), "catalog.yml").Find("views") ==
                std::nullopt);
}

TEST_F(CatalogTest, FunctionsHaveNamesOfTheirOwn) {
    catalog_->Register(Table("main", "t"));
    catalog_->Register(Function("T", "CREATE MACRO t() AS 1"));
    EXPECT_EQ(catalog_->Find({"main", "t"})->kind, EntryKind::kTable);
    EXPECT_EQ(catalog_->FindFunction({"main", "t"})->sql, "CREATE MACRO t() AS 1");
    EXPECT_EQ(KindOf([&] { catalog_->Register(Function("t", "")); }), ErrorKind::kAlreadyExists);
    EXPECT_EQ(KindOf([&] { catalog_->Register(Table("main", "T")); }), ErrorKind::kAlreadyExists);
    catalog_->Replace(Function("t", "CREATE MACRO t() AS 2"));
    EXPECT_EQ(catalog_->List("main").size(), 2U);
    catalog_->Drop({"main", "t"}, EntryKind::kTable);
    EXPECT_FALSE(catalog_->Find({"main", "t"}));
    EXPECT_EQ(KindOf([&] { catalog_->Drop({"main", "t"}, EntryKind::kTable); }),
              ErrorKind::kNotFound);
    EXPECT_EQ(catalog_->FindFunction({"main", "t"})->sql, "CREATE MACRO t() AS 2");
    catalog_->Drop({"main", "T"}, EntryKind::kFunction);
    EXPECT_FALSE(catalog_->FindFunction({"main", "t"}));
    EXPECT_FALSE(catalog_->FindFunction({"ops", "runs"}));
}

TEST_F(CatalogTest, FunctionsOfAnOlderTarnAreFound) {
    constexpr size_t kBeforeTheirOwnNames = 4;
    {
        SqliteStore older(folder_.path() + "/.tarn/catalog.db",
                          {Migrations().begin(), Migrations().begin() + kBeforeTheirOwnNames},
                          clock_, random_);
        older.Write([](Connection& connection) {
            connection.Execute(
                "INSERT INTO entries VALUES ('1', 'main', 'f', 'f', 'F', 'function', '', '', 1, "
                "'CREATE MACRO f() AS 1', '', '{}', 0)");
        });
    }
    EXPECT_EQ(Open()->FindFunction({"main", "f"})->sql, "CREATE MACRO f() AS 1");
}

// They once stood in none: a catalog that was rebuilt from the file had lost them.
TEST_F(CatalogTest, FunctionsStandInTheFile) {
    catalog_->Register(Function("f", "CREATE MACRO f() AS 1"));
    const YamlNode file = YamlNode::Parse(StateFile("catalog.yml"), "catalog.yml");
    ASSERT_EQ(file.At("functions").Items().size(), 1U);
    EXPECT_EQ(file.At("functions").Items()[0].At("sql").AsString(), "CREATE MACRO f() AS 1");
}

TEST_F(CatalogTest, PropertiesAndCommentsOfSchemasComeBack) {
    catalog_->CreateSchema({"s", "said", {{"k", "v\"w"}}});
    EXPECT_EQ(Open()->FindSchema("S")->properties.at("k"), "v\"w");
    catalog_->DescribeSchema({"S", "anew", {{"l", ""}}});
    const auto found = Open()->FindSchema("s");
    EXPECT_EQ(found->name, "s");
    EXPECT_EQ(found->comment, "anew");
    EXPECT_EQ(found->properties, (std::map<std::string, std::string>{{"l", ""}}));
    EXPECT_EQ(YamlNode::Parse(StateFile("catalog.yml"), "catalog.yml")
                  .At("schemas")
                  .Items()[1]
                  .At("properties")
                  .At("l")
                  .AsString(),
              "");
    EXPECT_EQ(KindOf([&] { catalog_->DescribeSchema({"none", "", {}}); }), ErrorKind::kNotFound);
}

TEST_F(CatalogTest, PropertiesAndCommentsComeBack) {
    DirectoryEntry entry = Table("main", "t");
    entry.comment = "a 'comment'";
    entry.properties = {{"k", "v\"w"}, {"é", ""}};
    catalog_->Register(entry);
    const auto found = Open()->Find({"main", "t"});
    EXPECT_EQ(found->comment, entry.comment);
    EXPECT_EQ(found->properties, entry.properties);
    EXPECT_EQ(found->location, entry.location);
    EXPECT_EQ(found->id, entry.id);
}

TEST_F(CatalogTest, EveryChangeOfNamesCountsAndRunsDoNot) {
    uint64_t counter = catalog_->ChangeCounter();
    const auto grew = [&] {
        const uint64_t before = std::exchange(counter, catalog_->ChangeCounter());
        return counter > before;
    };
    catalog_->CreateSchema({"s", "", {}});
    EXPECT_TRUE(grew());
    catalog_->Register(Table("s", "t"));
    EXPECT_TRUE(grew());
    catalog_->Replace(View("v", "SELECT 1"));
    EXPECT_TRUE(grew());
    catalog_->Runs().Start({.node = "s.t"});
    EXPECT_FALSE(grew());
    catalog_->Drop({"s", "t"}, EntryKind::kTable);
    EXPECT_TRUE(grew());
    catalog_->DropSchema("s", false);
    EXPECT_TRUE(grew());
    EXPECT_FALSE(grew());
}

TEST_F(CatalogTest, OpsIsKeptByTarn) {
    const auto runs = catalog_->Find({"OPS", "Runs"});
    ASSERT_TRUE(runs.has_value());
    EXPECT_EQ(runs->kind, EntryKind::kSystemTable);
    EXPECT_EQ(catalog_->List("ops").size(), 6U);
    EXPECT_FALSE(catalog_->Find({"ops", "secrets"}).has_value());
    EXPECT_EQ(KindOf([&] { catalog_->Register(Table("ops", "mine")); }),
              ErrorKind::kPermissionDenied);
    EXPECT_EQ(KindOf([&] { catalog_->Drop({"ops", "runs"}, EntryKind::kTable); }),
              ErrorKind::kPermissionDenied);
    EXPECT_EQ(KindOf([&] { catalog_->OpenSystemTable({"ops", "secrets"}); }), ErrorKind::kNotFound);
}

// Of many processes that register one name, one wins; other names all arrive.
TEST_F(CatalogTest, ManyProcessesRegisterAtOnce) {
    constexpr int kProcesses = 5;
    constexpr int kTables = 12;
    std::vector<pid_t> children;
    for (int child = 0; child < kProcesses; ++child) {
        const pid_t pid = fork();
        ASSERT_GE(pid, 0);
        if (pid == 0) {
            int won = 0;
            try {
                SeededRandom random(static_cast<uint64_t>(child) + 100);
                const auto catalog = Open();
                const auto add = [&](const std::string& name) {
                    DirectoryEntry entry;
                    entry.id = NewUuid(clock_, random);
                    entry.name = {"main", name};
                    entry.location = catalog->ManagedLocation(entry.name, entry.id);
                    catalog->Register(entry);
                };
                for (int i = 0; i < kTables; ++i) {
                    add("t_" + std::to_string(child) + "_" + std::to_string(i));
                    won += KindOf([&] { add("same_" + std::to_string(i)); }) ? 0 : 1;
                }
            } catch (const std::exception& error) {
                fprintf(stderr, "child %d: %s\n", child, error.what());
                _exit(100);
            }
            _exit(won);
        }
        children.push_back(pid);
    }
    int won = 0;
    for (const pid_t pid : children) {
        int status = 0;
        waitpid(pid, &status, 0);
        won += WEXITSTATUS(status);
    }
    EXPECT_EQ(won, kTables);
    EXPECT_EQ(catalog_->List("main").size(), static_cast<size_t>(kProcesses * kTables + kTables));
}

}  // namespace
}  // namespace tarn::catalog
