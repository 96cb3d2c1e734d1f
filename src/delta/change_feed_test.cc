#include "delta/change_feed.h"

#include <gtest/gtest.h>

#include "delta/checkpoint_writer.h"
#include "delta/log_path.h"
#include "delta/log_state.h"
#include "delta/testing/log_lines.h"
#include "format/deletion_vector.h"
#include "format/z85.h"
#include "storage/metering_store.h"

namespace tarn::delta {
namespace {

using table::ChangeType;

class ChangeFeedTest : public ForeignLog {
protected:
    std::vector<table::ChangedFile> Changes(int64_t first, int64_t last) {
        return format_.Changes(kRoot, {first}, {last}, table::ChangeScope::kAll);
    }
    // "+path" an insert, "-path" a delete, "=path" a recorded file, in order.
    std::string Told(int64_t first, int64_t last) {
        std::string told;
        for (const table::ChangedFile& change : Changes(first, last)) {
            const char mark = change.type == ChangeType::kInsert   ? '+'
                              : change.type == ChangeType::kDelete ? '-'
                                                                   : '=';
            told += (told.empty() ? "" : " ") + std::string(1, mark) + change.file.path;
        }
        return told;
    }
    ErrorKind RefusalOf(int64_t first, int64_t last) {
        return KindOf([&] { (void)Changes(first, last); });
    }
    static std::string Vector(std::initializer_list<uint64_t> deleted) {
        format::RoaringBitmap64 rows;
        for (const uint64_t row : deleted) rows.Add(row);
        const std::string bytes = format::SerializeDeletionVector(rows);
        return fmt::format(
            R"(,"stats":"{{\"numRecords\":9}}","deletionVector":{{"storageType":"i",)"
            R"("pathOrInlineDv":"{}","sizeInBytes":{},"cardinality":{}}})",
            format::EncodeZ85(bytes), bytes.size(), deleted.size());
    }
    static std::string Recorded(const std::string& path) {
        return R"({"cdc":{"path":")" + path +
               R"(","partitionValues":{},"size":10,"dataChange":false}})";
    }
};

TEST_F(ChangeFeedTest, RecordedFilesStandForTheActionsOfTheirCommit) {
    PutVersions(1);
    PutLog(2, Lines({RemoveLine("f0"), AddLine("g"), Recorded("_change_data/a%2520b.parquet")}));
    PutLog(3, AddLine("h"));
    EXPECT_EQ(Told(1, 3), "+f1 =_change_data/a%2520b.parquet +h");
    // Percent-encoded paths of the feed are decoded once, like all others.
    EXPECT_EQ(Changes(2, 2).at(0).file.location,
              std::string(kRoot) + "/_change_data/a%20b.parquet");
}

TEST_F(ChangeFeedTest, WhatNoWriterRecordedIsDerivedThoughTheFeedIsOff) {
    PutLog(0, Lines({kPlainProtocol, IdMetadata(R"("delta.enableChangeDataFeed":"false")"),
                     AddLine("a")}));
    PutLog(1, Lines({RemoveLine("a"), AddLine("b")}));
    EXPECT_EQ(Told(0, 1), "+a +b -a");
}

TEST_F(ChangeFeedTest, WhatOnlyMovesRowsIsNoChange) {
    PutVersions(1);
    std::string add = AddLine("moved");
    std::string remove = RemoveLine("f1");
    for (std::string* line : {&add, &remove}) {
        line->replace(line->find("\"dataChange\":true"), 17, "\"dataChange\":false");
    }
    PutLog(2, Lines({add, remove}));
    EXPECT_EQ(Told(2, 2), "");
    PutLog(3, AddLine("x"));
    EXPECT_EQ(Told(1, 3), "+f1 +x");
}

TEST_F(ChangeFeedTest, AVectorThatGrewIsADeleteInEitherOrder) {
    for (const bool remove_first : {true, false}) {
        PutLog(0, Lines({kPlainProtocol, IdMetadata(), AddLine("x", Vector({1}))}));
        const std::string remove = RemoveLine("x", Vector({1}));
        const std::string add = AddLine("x", Vector({1, 4, 7}));
        PutLog(1, remove_first ? Lines({remove, add}) : Lines({add, remove}));
        const auto changes = Changes(1, 1);
        ASSERT_FALSE(changes.empty());
        std::vector<uint64_t> shown;
        for (uint64_t row = 0; row < 9; ++row) {
            if (!changes[0].unchanged->Contains(row)) shown.push_back(row);
        }
        EXPECT_EQ(changes[0].type, ChangeType::kDelete);
        EXPECT_EQ(shown, (std::vector<uint64_t>{4, 7})) << remove_first;
        // Nothing was given back.
        for (size_t i = 1; i < changes.size(); ++i) {
            for (uint64_t row = 0; row < 9; ++row) {
                EXPECT_TRUE(changes[i].unchanged->Contains(row)) << row;
            }
        }
    }
}

TEST_F(ChangeFeedTest, AVectorThatIsTakenBackInsertsItsRows) {
    PutLog(0, Lines({kPlainProtocol, IdMetadata(), AddLine("x", Vector({1, 4}))}));
    PutLog(1, Lines({RemoveLine("x", Vector({1, 4})), AddLine("x", R"(,"stats":"{}")")}));
    const auto changes = Changes(1, 1);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].type, ChangeType::kInsert);
    EXPECT_FALSE(changes[0].unchanged->Contains(4));
    EXPECT_TRUE(changes[0].unchanged->Contains(0));
}

TEST_F(ChangeFeedTest, RowsHiddenByAVectorWereNeitherInsertedNorDeleted) {
    PutLog(0, Lines({kPlainProtocol, IdMetadata(), AddLine("x", Vector({2}))}));
    PutLog(1, RemoveLine("x", Vector({2})));
    for (const table::ChangedFile& change : Changes(0, 1)) {
        EXPECT_TRUE(change.unchanged->Contains(2));
        EXPECT_FALSE(change.unchanged->Contains(3));
    }
}

TEST_F(ChangeFeedTest, RowIdsOfChangedFilesAreHandedOn) {
    constexpr const char* kIds = R"(,"baseRowId":70,"defaultRowCommitVersion":1)";
    PutVersions(0);
    PutLog(1, AddLine("a", kIds));
    PutLog(2, RemoveLine("a", kIds));
    const auto changes = Changes(1, 2);
    ASSERT_EQ(changes.size(), 2U);
    for (const table::ChangedFile& change : changes) {
        EXPECT_EQ(change.file.base_row_id, 70);
        EXPECT_EQ(change.file.default_row_commit_version, 1);
    }
}

TEST_F(ChangeFeedTest, CdfAcrossSchemaChangeThatOnlyAddsHasTheLastColumns) {
    PutVersions(1);
    PutLog(2, Lines({MetadataLine(FieldJson("id") + "," + FieldJson("more", "string")),
                     AddLine("f2")}));
    EXPECT_EQ(Told(0, 2), "+f0 +f1 +f2");
    EXPECT_EQ(Told(0, 1), "+f0 +f1");
}

TEST_F(ChangeFeedTest, CdfAcrossAnIncompatibleSchemaChangeIsRefusedByName) {
    const std::pair<std::string, const char*> changes[] = {
        {MetadataLine(FieldJson("id", "string")), "'id'"},
        {MetadataLine(FieldJson("other")), "'id'"},
        {MetadataLine(FieldJson("id", "long", false)), "'id'"},
        {MetadataLine(FieldJson("id"), "", R"("id")"), "partitioning"}};
    for (const auto& [metadata, named] : changes) {
        PutVersions(1);
        PutLog(2, metadata);
        PutLog(3, AddLine("f3"));
        EXPECT_EQ(RefusalOf(1, 3), ErrorKind::kUnsupported) << metadata;
        try {
            (void)Changes(0, 2);
        } catch (const Error& error) {
            EXPECT_NE(error.message().find(named), std::string::npos) << error.message();
        }
        // On either side of the change all is well.
        EXPECT_EQ(Told(0, 1), "+f0 +f1");
        EXPECT_EQ(Told(2, 2), "");
    }
}

TEST_F(ChangeFeedTest, ASchemaThatCameAndWentIsRefusedToo) {
    PutVersions(0);
    PutLog(1, MetadataLine(FieldJson("id") + "," + FieldJson("gone")));
    PutLog(2, AddLine("f2"));
    PutLog(3, IdMetadata());
    EXPECT_EQ(RefusalOf(0, 3), ErrorKind::kUnsupported);
    EXPECT_EQ(RefusalOf(1, 3), ErrorKind::kUnsupported);
    EXPECT_EQ(Told(0, 2), "+f0 +f2");
}

TEST_F(ChangeFeedTest, AFeatureThatComesWithinTheRangeIsRefusedByName) {
    PutVersions(0);
    PutLog(1, R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
              R"("readerFeatures":["fromTheFuture"],"writerFeatures":["fromTheFuture"]}})");
    EXPECT_EQ(RefusalOf(0, 1), ErrorKind::kUnsupported);
}

TEST_F(ChangeFeedTest, VersionsThatDoNotExistAreNotFound) {
    PutVersions(3);
    EXPECT_EQ(RefusalOf(0, 4), ErrorKind::kNotFound);
    EXPECT_EQ(RefusalOf(4, 4), ErrorKind::kNotFound);
    EXPECT_EQ(RefusalOf(-1, 2), ErrorKind::kNotFound);
}

// Commits 2 to 4 and a checkpoint at 3 are left.
class CleanedUpLog : public ChangeFeedTest {
protected:
    void CleanUp() {
        CheckpointWriter(store_, parquet_, clock_, random_, kRoot)
            .Write(ReadVersionOf(store_, parquet_, kRoot, table::Version{3}).state, {});
        for (const int64_t gone : {0, 1}) store_.Delete(CommitLocation(kRoot, {gone}));
    }
};

TEST_F(CleanedUpLog, EveryVersionWhoseCommitIsThereHasItsChanges) {
    PutVersions(4);
    CleanUp();
    EXPECT_EQ(Told(2, 4), "+f2 +f3 +f4");
    EXPECT_EQ(Told(2, 2), "+f2");
    EXPECT_EQ(Told(3, 3), "+f3");
    EXPECT_EQ(RefusalOf(1, 4), ErrorKind::kNotFound);
    EXPECT_EQ(RefusalOf(2, 5), ErrorKind::kNotFound);
}

TEST_F(CleanedUpLog, WhatTheFirstCommitSaysOfItsColumnsCounts) {
    PutVersions(4);
    PutLog(2, Lines({MetadataLine(FieldJson("id") + "," + FieldJson("more")), AddLine("f2")}));
    CleanUp();
    EXPECT_EQ(Told(2, 4), "+f2 +f3 +f4");
}

TEST_F(CleanedUpLog, ColumnsThatNoLogTellsAreNotGuessed) {
    PutVersions(4);
    PutLog(3, Lines({MetadataLine(FieldJson("id") + "," + FieldJson("more")), AddLine("f3")}));
    CleanUp();
    EXPECT_EQ(RefusalOf(2, 4), ErrorKind::kNotFound);
    EXPECT_EQ(RefusalOf(2, 2), ErrorKind::kNotFound);
    EXPECT_EQ(Told(3, 4), "+f3 +f4");
}

TEST_F(CleanedUpLog, WithoutAnyCheckpointNothingTells) {
    PutVersions(4);
    for (const int64_t gone : {0, 1}) store_.Delete(CommitLocation(kRoot, {gone}));
    EXPECT_EQ(RefusalOf(2, 4), ErrorKind::kNotFound);
}

TEST_F(ChangeFeedTest, EachCommitOfTheRangeIsReadOnce) {
    PutVersions(9);
    storage::MeteringStore metering(store_);
    Format format(metering, parquet_, clock_, random_);
    (void)format.Changes(kRoot, {0}, {9}, table::ChangeScope::kAll);
    // Ten commits, the first of them for the table's columns too, and `_last_checkpoint`.
    EXPECT_LE(metering.Counts().gets, 12U);
    EXPECT_LE(metering.Counts().lists, 2U);
}

}  // namespace
}  // namespace tarn::delta
