// What every object store owes its callers, held against each store and each wrapper.
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/testing/kind_of.h"
#include "storage/fault_store.h"
#include "storage/local_store.h"
#include "storage/memory_store.h"
#include "storage/metering_store.h"
#include "storage/retrying_store.h"
#include "storage/router_store.h"

namespace tarn::storage {
namespace {

// A store under test with everything it stands on.
struct Fixture {
    RealClock clock;
    SeededRandom random{7};
    LocalStore local;
    MemoryStore memory{clock};
    RouterStore router{{&local, &memory}};
    MeteringStore metering{memory};
    RetryingStore retrying{memory, clock, random};
    FaultStore fault{memory, FaultPlan{}, 1};
    std::string folder;
    std::string scheme;

    Fixture() {
        std::string made = (std::filesystem::temp_directory_path() / "tarn-store-XXXXXX").string();
        folder = ::mkdtemp(made.data());
    }
    ~Fixture() { std::filesystem::remove_all(folder); }
};

struct Subject {
    const char* name;
    ObjectStore& (*store)(Fixture&);
    std::string (*root)(Fixture&);
};

std::string LocalRoot(Fixture& fixture) { return fixture.folder + "/root"; }
std::string FileRoot(Fixture& fixture) { return "file://" + fixture.folder + "/root"; }
std::string MemoryRoot(Fixture&) { return "mem://test/root"; }

const Subject kSubjects[] = {
    {"local", [](Fixture& f) -> ObjectStore& { return f.local; }, LocalRoot},
    {"file_uri", [](Fixture& f) -> ObjectStore& { return f.local; }, FileRoot},
    {"memory", [](Fixture& f) -> ObjectStore& { return f.memory; }, MemoryRoot},
    {"router_local", [](Fixture& f) -> ObjectStore& { return f.router; }, LocalRoot},
    {"router_memory", [](Fixture& f) -> ObjectStore& { return f.router; }, MemoryRoot},
    {"metering", [](Fixture& f) -> ObjectStore& { return f.metering; }, MemoryRoot},
    {"retrying", [](Fixture& f) -> ObjectStore& { return f.retrying; }, MemoryRoot},
    {"fault", [](Fixture& f) -> ObjectStore& { return f.fault; }, MemoryRoot},
};

class ObjectStoreContract : public ::testing::TestWithParam<Subject> {
protected:
    ObjectStore& store() { return GetParam().store(fixture_); }
    std::string At(const std::string& name) { return GetParam().root(fixture_) + "/" + name; }
    std::string Root() { return GetParam().root(fixture_); }
    std::vector<std::string> Names(const ListOptions& options, const std::string& below = "") {
        std::vector<std::string> names;
        const std::string folder = below.empty() ? Root() : At(below);
        for (const ObjectInfo& info : store().List(folder, options)) {
            names.push_back(info.location.substr(Root().size() + 1));
        }
        return names;
    }

private:
    Fixture fixture_;
};

TEST_P(ObjectStoreContract, PutThenGetGivesTheBytes) {
    const std::string bytes("a\0b\xff", 4);
    EXPECT_EQ(store().Put(At("deep/er/x"), bytes), PutOutcome::kDone);
    EXPECT_EQ(store().Get(At("deep/er/x")), bytes);
    EXPECT_EQ(store().Put(At("deep/er/x"), ""), PutOutcome::kDone);
    EXPECT_EQ(store().Get(At("deep/er/x")), "");
}

TEST_P(ObjectStoreContract, WhatIsMissingIsNotFound) {
    EXPECT_FALSE(store().Stat(At("none")));
    EXPECT_EQ(KindOf([&] { (void)store().Get(At("none")); }), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf([&] { (void)store().OpenReader(At("no/ne")); }), ErrorKind::kNotFound);
    EXPECT_TRUE(store().List(At("none"), {}).empty());
    store().Delete(At("none"));
}

TEST_P(ObjectStoreContract, AFolderIsNoObject) {
    store().Put(At("folder/x"), "1");
    EXPECT_FALSE(store().Stat(At("folder")));
    EXPECT_EQ(KindOf([&] { (void)store().Get(At("folder")); }), ErrorKind::kNotFound);
    store().Delete(At("folder"));
    EXPECT_EQ(store().Get(At("folder/x")), "1");
}

TEST_P(ObjectStoreContract, GetRefusesMoreThanTheLimit) {
    store().Put(At("x"), "12345");
    EXPECT_EQ(KindOf([&] { (void)store().Get(At("x"), 4); }), ErrorKind::kLimitExceeded);
    EXPECT_EQ(store().Get(At("x"), 5), "12345");
}

TEST_P(ObjectStoreContract, BytesOfALocationAreTakenAsTheyAre) {
    store().Put(At("a b%20c+=&"), "1");
    EXPECT_TRUE(store().Stat(At("a b%20c+=&")));
    EXPECT_FALSE(store().Stat(At("a b c+=&")));
    EXPECT_EQ(Names({}), std::vector<std::string>{"a b%20c+=&"});
}

TEST_P(ObjectStoreContract, StatTellsSizeAndANewEtagForNewContent) {
    store().Put(At("x"), "12345");
    const auto before = store().Stat(At("x"));
    ASSERT_TRUE(before);
    EXPECT_EQ(before->size_bytes, 5u);
    EXPECT_EQ(before->location, At("x"));
    EXPECT_GT(before->modified_ms, 1'500'000'000'000);
    store().Put(At("x"), "54321");
    EXPECT_NE(store().Stat(At("x"))->etag, before->etag);
}

TEST_P(ObjectStoreContract, ReaderGivesRangesAndRefusesBeyondTheEnd) {
    store().Put(At("x"), "0123456789");
    const auto reader = store().OpenReader(At("x"));
    EXPECT_EQ(reader->Info().size_bytes, 10u);
    std::string part(3, ' ');
    reader->ReadAt(4, part.data(), 3);
    EXPECT_EQ(part, "456");
    reader->ReadAt(10, part.data(), 0);
    EXPECT_EQ(KindOf([&] { reader->ReadAt(8, part.data(), 3); }), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf([&] { reader->ReadAt(~0ULL, part.data(), 3); }), ErrorKind::kInvalidInput);
}

TEST_P(ObjectStoreContract, WriterShowsNothingBeforeCommit) {
    auto writer = store().OpenWriter(At("a/x"));
    writer->Write("abc");
    writer->Write(std::string(600'000, 'z'));
    EXPECT_EQ(writer->BytesWritten(), 600'003u);
    EXPECT_FALSE(store().Stat(At("a/x")));
    EXPECT_TRUE(store().List(At("a"), {}).empty());
    writer->Commit();
    EXPECT_EQ(store().Get(At("a/x")), "abc" + std::string(600'000, 'z'));
    EXPECT_EQ(Names({}, "a"), std::vector<std::string>{"a/x"});
}

TEST_P(ObjectStoreContract, AbortedAndForgottenWritersLeaveNothing) {
    auto writer = store().OpenWriter(At("x"));
    writer->Write("abc");
    writer->Abort();
    store().OpenWriter(At("y"))->Write("abc");
    ListOptions all;
    all.recursive = true;
    EXPECT_TRUE(Names(all).empty());
}

TEST_P(ObjectStoreContract, PutIfAbsentKeepsTheFirst) {
    EXPECT_EQ(store().PutIfAbsent(At("log/0"), "first"), PutOutcome::kDone);
    EXPECT_EQ(store().PutIfAbsent(At("log/0"), "second"), PutOutcome::kExists);
    EXPECT_EQ(store().Get(At("log/0")), "first");
}

TEST_P(ObjectStoreContract, PutIfAbsentHasOneWinner) {
    for (int round = 0; round < 20; ++round) {
        const std::string name = At("race/" + std::to_string(round));
        std::atomic<int> won{0};
        std::vector<std::thread> racers;
        for (int i = 0; i < 4; ++i) {
            racers.emplace_back([&, i] {
                if (store().PutIfAbsent(name, std::to_string(i)) == PutOutcome::kDone) ++won;
            });
        }
        for (std::thread& racer : racers) racer.join();
        EXPECT_EQ(won, 1);
    }
}

TEST_P(ObjectStoreContract, PutIfMatchNeedsTheEtag) {
    EXPECT_EQ(store().PutIfMatch(At("x"), "1", "any"), PutOutcome::kStale);
    store().Put(At("x"), "1");
    const std::string etag = store().Stat(At("x"))->etag;
    EXPECT_EQ(store().PutIfMatch(At("x"), "2", etag), PutOutcome::kDone);
    EXPECT_EQ(store().PutIfMatch(At("x"), "3", etag), PutOutcome::kStale);
    EXPECT_EQ(store().Get(At("x")), "2");
}

TEST_P(ObjectStoreContract, DeleteRemoves) {
    store().Put(At("x"), "1");
    store().Delete(At("x"));
    EXPECT_FALSE(store().Stat(At("x")));
    store().Delete(At("x"));
}

TEST_P(ObjectStoreContract, ListIsInOrderOfBytesAtEveryDepth) {
    // "a-b" < "a/x" < "a0" bytewise, though the folder "a" comes before "a-b".
    for (const char* name : {"a/x", "a-b", "a0", "a/b/c", "z", "B"}) store().Put(At(name), "1");
    ListOptions deep;
    deep.recursive = true;
    EXPECT_EQ(Names(deep), (std::vector<std::string>{"B", "a-b", "a/b/c", "a/x", "a0", "z"}));
    EXPECT_EQ(Names({}), (std::vector<std::string>{"B", "a-b", "a0", "z"}));
    EXPECT_EQ(Names({}, "a"), std::vector<std::string>{"a/x"});
}

TEST_P(ObjectStoreContract, ListContinuesFromAnyPlace) {
    for (const char* name : {"a/x", "a-b", "a0", "a/b/c", "z"}) store().Put(At(name), "1");
    const std::vector<std::string> all = {"a-b", "a/b/c", "a/x", "a0", "z"};
    ListOptions options;
    options.recursive = true;
    options.limit = 1;
    std::vector<std::string> pages;
    while (true) {
        const auto page = Names(options);
        if (page.empty()) break;
        ASSERT_EQ(page.size(), 1u);
        pages.push_back(page[0]);
        options.start_after = At(page[0]);
    }
    EXPECT_EQ(pages, all);
    options.limit = 100;
    options.start_after = At("a/bb");  // a name that is not there
    EXPECT_EQ(Names(options), (std::vector<std::string>{"a/x", "a0", "z"}));
    options.start_after = At("zz");
    EXPECT_TRUE(Names(options).empty());
}

TEST_P(ObjectStoreContract, AFolderWhoseNameBeginsLikeAnotherIsNotListed) {
    store().Put(At("log/1"), "1");
    store().Put(At("log2/1"), "1");
    ListOptions deep;
    deep.recursive = true;
    EXPECT_EQ(Names(deep, "log"), std::vector<std::string>{"log/1"});
}

TEST_P(ObjectStoreContract, AForeignLocationIsRefused) {
    EXPECT_FALSE(store().Handles("s3://bucket/key"));
    EXPECT_TRUE(store().Handles(Root()));
    // A router knows that no other store is there.
    const bool is_router = std::string_view(GetParam().name).starts_with("router");
    EXPECT_EQ(KindOf([&] { (void)store().Stat("s3://bucket/key"); }),
              is_router ? ErrorKind::kUnsupported : ErrorKind::kInvalidInput);
}

INSTANTIATE_TEST_SUITE_P(AllStores, ObjectStoreContract, ::testing::ValuesIn(kSubjects),
                         [](const auto& subject) { return std::string(subject.param.name); });

}  // namespace
}  // namespace tarn::storage
