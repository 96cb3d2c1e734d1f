#include "catalog/sqlite_store.h"

#include <functional>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/error.h"
#include "catalog/scratch_folder.h"
#include "catalog/state_folder.h"
#include "catalog/tiny_disk.h"

namespace tarn::catalog {
namespace {

const Migration kNext = {"ALTER TABLE schemas ADD COLUMN owner TEXT NOT NULL DEFAULT 'nobody'"};

std::string FileIn(const ScratchFolder& folder) { return folder.path() + "/.tarn/catalog.db"; }

SqliteStore StoreAt(const std::string& file, std::vector<Migration> migrations = Migrations()) {
    static RealClock clock;
    static RealRandom random;
    return {file, std::move(migrations), clock, random};
}

SqliteStore StoreIn(const ScratchFolder& folder, std::vector<Migration> migrations = Migrations()) {
    return StoreAt(FileIn(folder), std::move(migrations));
}

int64_t Count(Store& store, const std::string& table) {
    int64_t count = -1;
    store.Read([&](Connection& connection) {
        count = IntOf(connection.Query("SELECT count(*) FROM " + table).at(0).at(0));
    });
    return count;
}

void AddSchema(Store& store, const std::string& name) {
    store.Write([&](Connection& connection) {
        connection.Execute(
            "INSERT INTO schemas (folded, identity, name, comment, created_us) VALUES (?1, ?1, ?1, "
            "'', 0)",
            {name});
        connection.Execute("UPDATE state SET change_counter = change_counter + 1");
    });
}

TEST(SqliteStore, ReadingMakesNothing) {
    const ScratchFolder folder;
    SqliteStore store = StoreIn(folder);
    EXPECT_FALSE(store.Read([](Connection&) { FAIL(); }));
    EXPECT_EQ(store.ChangeCounter(), 0U);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(SqliteStore, TheCounterTellsOfEveryonesWrites) {
    const ScratchFolder folder;
    SqliteStore mine = StoreIn(folder);
    SqliteStore theirs = StoreIn(folder);
    AddSchema(mine, "a");
    const uint64_t first = mine.ChangeCounter();
    EXPECT_GT(first, 0U);
    EXPECT_EQ(theirs.ChangeCounter(), first);
    AddSchema(theirs, "b");
    EXPECT_GT(mine.ChangeCounter(), first);
    EXPECT_EQ(mine.ChangeCounter(), theirs.ChangeCounter());
    AddSchema(mine, "c");
    EXPECT_EQ(mine.ChangeCounter(), theirs.ChangeCounter());
    EXPECT_EQ(mine.ChangeCounter(), first + 2);
}

TEST(SqliteStore, ACopiedLakeHasItsOwnTables) {
    const ScratchFolder here;
    const ScratchFolder there;
    {
        SqliteStore store = StoreIn(here);
        store.Write([&](Connection& connection) {
            const auto add = [&](const std::string& name, const std::string& location,
                                 int64_t managed) {
                connection.Execute(
                    "INSERT INTO entries (id, schema_folded, folded, identity, name, kind, format,"
                    " location, managed, view_sql, comment, properties, created_us) VALUES"
                    " (?1, 'main', ?1, ?1, ?1, 'table', 'delta', ?2, ?3, '', '', '{}', 0)",
                    {name, location, managed});
            };
            add("inside", here.path() + "/.tarn/warehouse/main/inside-1", 1);
            add("outside", "/elsewhere/outside-1", 1);
            add("external", here.path() + "/data/external", 0);
        });
    }
    std::filesystem::copy(here.path(), there.path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    const auto locations = [](const ScratchFolder& folder) {
        SqliteStore store = StoreIn(folder);
        std::vector<std::string> found;
        store.Read([&](Connection& connection) {
            for (const Cells& row : connection.Query("SELECT location FROM entries ORDER BY name"))
                found.push_back(TextOf(row.at(0)));
        });
        return found;
    };
    EXPECT_EQ(locations(there),
              (std::vector<std::string>{here.path() + "/data/external",
                                        there.path() + "/.tarn/warehouse/main/inside-1",
                                        "/elsewhere/outside-1"}));
    EXPECT_EQ(locations(here)[1], here.path() + "/.tarn/warehouse/main/inside-1");
}

TEST(SqliteStore, AFailedWorkLeavesNothing) {
    const ScratchFolder folder;
    SqliteStore store = StoreIn(folder);
    AddSchema(store, "a");
    EXPECT_THROW(store.Write([](Connection& connection) {
        connection.Execute("DELETE FROM schemas");
        throw Error(ErrorKind::kInvalidInput, "changed my mind");
    }),
                 Error);
    EXPECT_EQ(Count(store, "schemas"), 2);
    AddSchema(store, "b");
}

TEST(SqliteStore, ANewerTarnMigratesAfterACopyAndAnOlderOneRefuses) {
    const ScratchFolder folder;
    {
        SqliteStore store = StoreIn(folder);
        AddSchema(store, "a");
    }
    auto newer = Migrations();
    newer.push_back(kNext);
    {
        SqliteStore store = StoreIn(folder, newer);
        EXPECT_EQ(Count(store, "schemas WHERE owner = 'nobody'"), 2);
    }
    const std::string kept = FileIn(folder) + ".schema-" + std::to_string(Migrations().size());
    EXPECT_TRUE(std::filesystem::exists(kept));
    SqliteStore copy = StoreAt(kept);
    EXPECT_EQ(Count(copy, "schemas"), 2);
    SqliteStore older = StoreIn(folder);
    try {
        older.ChangeCounter();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    }
}

TEST(SqliteStore, AMigrationThatFailsLeavesTheOldState) {
    const ScratchFolder folder;
    {
        SqliteStore store = StoreIn(folder);
        AddSchema(store, "a");
    }
    auto broken = Migrations();
    broken.push_back({"DELETE FROM schemas", "SELECT no_such_column FROM schemas"});
    SqliteStore failing = StoreIn(folder, broken);
    EXPECT_THROW(failing.ChangeCounter(), Error);
    SqliteStore store = StoreIn(folder);
    EXPECT_EQ(Count(store, "schemas"), 2);
}

TEST(SqliteStore, AForeignFileIsCorrupt) {
    const ScratchFolder folder;
    folder.Write(".tarn/catalog.db",
                 "this is no database, it only lies where one should be. "
                 "It is long enough to have a header of a hundred bytes.");
    SqliteStore store = StoreIn(folder);
    try {
        store.ChangeCounter();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    }
}

// Forks `processes` that each run the work, and waits for them.
void ForkAll(int processes, const std::function<void(int)>& work) {
    std::vector<pid_t> children;
    for (int child = 0; child < processes; ++child) {
        const pid_t pid = fork();
        ASSERT_GE(pid, 0);
        if (pid == 0) {
            try {
                work(child);
            } catch (const std::exception& error) {
                fprintf(stderr, "child %d: %s\n", child, error.what());
                _exit(1);
            }
            _exit(0);
        }
        children.push_back(pid);
    }
    for (const pid_t pid : children) {
        int status = 0;
        waitpid(pid, &status, 0);
        EXPECT_EQ(WEXITSTATUS(status), 0);
    }
}

// Every process makes the store, or finds it being made, and none loses a row.
TEST(SqliteStore, ManyProcessesWriteAtOnce) {
    constexpr int kProcesses = 6;
    constexpr int kWrites = 40;
    const ScratchFolder folder;
    ForkAll(kProcesses, [&](int child) {
        for (int i = 0; i < kWrites; ++i) {
            // A new connection each time: opening and closing race too.
            SqliteStore store = StoreIn(folder);
            AddSchema(store, std::to_string(child) + "_" + std::to_string(i));
        }
    });
    SqliteStore store = StoreIn(folder);
    EXPECT_EQ(Count(store, "schemas"), kProcesses * kWrites + 1);
    EXPECT_EQ(store.ChangeCounter(), static_cast<uint64_t>(kProcesses * kWrites + 1));
}

// The files of a lake whose last process was killed: rows stand in the log alone.
void LeaveAsKilled(const ScratchFolder& folder) {
    const ScratchFolder living;
    SqliteStore store = StoreIn(living);
    AddSchema(store, "a");
    AddSchema(store, "b");
    std::filesystem::create_directories(folder.path() + "/.tarn");
    for (const char* end : {"", "-wal"})
        std::filesystem::copy_file(FileIn(living) + end, FileIn(folder) + end);
}

TEST(FullDisk, WhatIsCommittedStaysReadableAndTheNextWriteGoesOn) {
    const TinyDisk disk;
    if (!disk.WhyNot().empty()) GTEST_SKIP() << disk.WhyNot();
    LeaveAsKilled(disk.Folder());
    disk.Fill();
    SqliteStore store = StoreIn(disk.Folder());
    EXPECT_EQ(Count(store, "schemas"), 3);
    const uint64_t counter = store.ChangeCounter();
    EXPECT_GT(counter, 0U);
    try {
        AddSchema(store, "c");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kLimitExceeded);
    }
    EXPECT_EQ(Count(store, "schemas"), 3);
    disk.MakeRoom();
    SqliteStore other = StoreIn(disk.Folder());
    AddSchema(other, "c");
    EXPECT_EQ(Count(store, "schemas"), 4);
    EXPECT_EQ(store.ChangeCounter(), counter + 1);
    AddSchema(store, "d");
    EXPECT_EQ(Count(other, "schemas"), 5);
}

TEST(FullDisk, AnOlderStateIsReadAsTheNewOne) {
    const TinyDisk disk;
    if (!disk.WhyNot().empty()) GTEST_SKIP() << disk.WhyNot();
    LeaveAsKilled(disk.Folder());
    disk.Fill();
    auto newer = Migrations();
    newer.push_back(kNext);
    {
        SqliteStore store = StoreIn(disk.Folder(), newer);
        EXPECT_EQ(Count(store, "schemas WHERE owner = 'nobody'"), 3);
    }
    disk.MakeRoom();
    SqliteStore older = StoreIn(disk.Folder());
    EXPECT_EQ(Count(older, "schemas"), 3);
}

TEST(FullDisk, ManyProcessesReadAtOnce) {
    const TinyDisk disk;
    if (!disk.WhyNot().empty()) GTEST_SKIP() << disk.WhyNot();
    LeaveAsKilled(disk.Folder());
    disk.Fill();
    ForkAll(6, [&](int) {
        for (int i = 0; i < 20; ++i) {
            SqliteStore store = StoreIn(disk.Folder());
            Check(Count(store, "schemas") == 3, "a row is missing");
        }
    });
}

TEST(StateFolder, NetworkFileSystemsAreKnown) {
    EXPECT_TRUE(IsNetworkFileSystem(0x6969));
    EXPECT_TRUE(IsNetworkFileSystem(0xFF534D42));
    EXPECT_TRUE(IsNetworkFileSystem(static_cast<long>(static_cast<int>(0xFF534D42))));
    EXPECT_FALSE(IsNetworkFileSystem(0xEF53));      // ext4
    EXPECT_FALSE(IsNetworkFileSystem(0x01021994));  // tmpfs
}

}  // namespace
}  // namespace tarn::catalog
