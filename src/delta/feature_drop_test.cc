#include "delta/feature_drop.h"

#include <gtest/gtest.h>

#include "delta/features.h"
#include "delta/log_path.h"
#include "delta/log_segment.h"
#include "delta/testing/log_lines.h"
#include "delta/testing/row_changes.h"
#include "storage/whole_listing.h"

namespace tarn::delta {
namespace {

using Names = std::vector<std::string>;

Protocol Listed(int reader, std::optional<Names> for_readers, Names for_writers) {
    return {reader, 7, std::move(for_readers), std::move(for_writers)};
}

TEST(WeakestProtocolTest, VersionsStandForTheFeaturesThatTheyImply) {
    EXPECT_EQ(WeakestProtocol({}), (Protocol{1, 1, std::nullopt, std::nullopt}));
    EXPECT_EQ(WeakestProtocol({"appendOnly", "invariants"}),
              (Protocol{1, 2, std::nullopt, std::nullopt}));
    EXPECT_EQ(WeakestProtocol({"invariants", "checkConstraints", "appendOnly"}),
              (Protocol{1, 3, std::nullopt, std::nullopt}));
    EXPECT_EQ(WeakestProtocol({"appendOnly", "invariants", "checkConstraints", "changeDataFeed",
                               "generatedColumns", "columnMapping"}),
              (Protocol{2, 5, std::nullopt, std::nullopt}));
    EXPECT_EQ(WeakestProtocol({"appendOnly", "invariants", "checkConstraints", "changeDataFeed",
                               "generatedColumns", "identityColumns"}),
              (Protocol{1, 6, std::nullopt, std::nullopt}));
}

TEST(WeakestProtocolTest, OtherFeaturesAreListed) {
    EXPECT_EQ(WeakestProtocol({"appendOnly"}), Listed(1, std::nullopt, {"appendOnly"}));
    EXPECT_EQ(WeakestProtocol({"columnMapping", "appendOnly"}),
              Listed(2, std::nullopt, {"columnMapping", "appendOnly"}));
    EXPECT_EQ(WeakestProtocol({"rowTracking", "domainMetadata"}),
              Listed(1, std::nullopt, {"rowTracking", "domainMetadata"}));
    EXPECT_EQ(WeakestProtocol({"columnMapping", "deletionVectors", "appendOnly"}),
              Listed(3, Names{"columnMapping", "deletionVectors"},
                     {"columnMapping", "deletionVectors", "appendOnly"}));
}

constexpr const char* kThreeFeatures =
    R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
    R"("readerFeatures":["deletionVectors","v2Checkpoint","typeWidening"],)"
    R"("writerFeatures":["deletionVectors","v2Checkpoint","typeWidening"]}})";
constexpr const char* kVector =
    R"(,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^",)"
    R"("offset":1,"sizeInBytes":34,"cardinality":1})";

class FeatureDropTest : public TableFixture {
protected:
    // Metadata of a column that became wider.
    const std::string widened_ = MetadataLine(
        R"({"name":"id","type":"long","nullable":true,"metadata":{"delta.typeChanges":)"
        R"([{"fromType":"integer","toType":"long"}]}})");

    table::FeatureTrace Trace(const std::string& feature, bool truncates = false) {
        return format_.TraceOf(Latest(), feature, truncates);
    }
    table::Change Removal(const table::FeatureTrace& trace) {
        table::Change change;
        change.operation = trace.operation;
        change.metadata = trace.metadata;
        return change;
    }
    table::Change Final(const table::FeatureTrace& trace) {
        table::Change change;
        change.operation = "DROP FEATURE";
        change.drop = trace.drop;
        return change;
    }
    void Forget(const std::string& feature) {
        table::FeatureDrop drop;
        drop.feature = feature;
        drop.truncates_history = true;
        format_.ForgetVersions(Latest(), drop);
    }
    const LogState& State() {
        latest_ = Latest();
        return dynamic_cast<const Snapshot&>(*latest_).State();
    }
    table::ConflictReason Lost(const table::CommitOutcome& outcome) {
        return std::get<table::Conflict>(outcome).reason;
    }

private:
    table::SnapshotPtr latest_;
};

TEST_F(FeatureDropTest, TheGuardStandsAtTheVersionThatTheDropGot) {
    MakeTable({{"delta.feature.vacuumProtocolCheck", "supported"}});
    const auto base = Latest();
    const auto trace = Trace("vacuumProtocolCheck");
    ASSERT_TRUE(trace.IsClean());
    MustAppend("meanwhile");
    ASSERT_TRUE(std::holds_alternative<table::Committed>(format_.Commit(base, Final(trace))));
    EXPECT_EQ(*State().protocol,
              Listed(1, std::nullopt, {"appendOnly", "invariants", "checkpointProtection"}));
    EXPECT_EQ(State().metadata->configuration.at("delta.requireCheckpointProtectionBeforeVersion"),
              "2");
}

// A file written under physical names would be unreadable without them.
TEST_F(FeatureDropTest, RowsThatComeMeanwhileKeepTheMapping) {
    const auto mapped = format_.Define(EventsTable({{"delta.columnMapping.mode", "name"}}), nullptr,
                                       table::Definition::kCreates);
    ASSERT_TRUE(std::holds_alternative<table::Committed>(
        format_.Create(kRoot, *mapped, Append({NewFile(kRoot, "a")}))));
    const auto base = Latest();
    const auto trace = Trace("columnMapping");
    ASSERT_EQ(trace.files.size(), 1U);
    table::Change change = Removal(trace);
    change.remove = trace.files;
    change.add = {NewFile(kRoot, "again")};
    for (auto* files : {&change.add, &change.remove})
        for (table::DataFile& file : *files) file.data_change = false;
    change.reads.whole_table = true;
    MustAppend("meanwhile");
    EXPECT_EQ(Lost(format_.Commit(base, change)), table::ConflictReason::kConcurrentAppend);
}

TEST_F(FeatureDropTest, VectorsThatComeMeanwhileKeepTheFeature) {
    MakeTable({{"delta.feature.deletionVectors", "supported"}});
    MustAppend("a");
    const auto base = Latest();
    const auto trace = Trace("deletionVectors");
    ASSERT_TRUE(trace.IsClean());
    // Another engine's, which the property does not keep from it.
    PutLog(2, R"({"remove":{"path":"a","dataChange":true}})"
              "\n"
              R"({"add":{"path":"a","partitionValues":{"day":"1970-01-01"},"size":100,)"
              R"("modificationTime":5,"dataChange":true,"stats":"{\"numRecords\":10}",)"
              R"("deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^",)"
              R"("offset":1,"sizeInBytes":34,"cardinality":1}}})"
              "\n");
    EXPECT_EQ(Lost(format_.Commit(base, Final(trace))), table::ConflictReason::kProtocolChanged);
    EXPECT_EQ(Trace("deletionVectors").files.size(), 1U);
}

// Who wrote under the old protocol must look again.
TEST_F(FeatureDropTest, WritersOfTheOldProtocolMeetTheDrop) {
    MakeTable({{"delta.feature.deletionVectors", "supported"}});
    MustAppend("a");
    const auto base = Latest();
    MustCommit(Final(Trace("deletionVectors")));
    EXPECT_EQ(Lost(format_.Commit(base, Append({NewFile(kRoot, "b")}))),
              table::ConflictReason::kProtocolChanged);
}

TEST_F(FeatureDropTest, VectorsOfRemovedFilesStayNamed) {
    MakeTable(HidesRows());
    MustAppend("a");
    std::vector<uint64_t> many;
    for (uint64_t row = 0; row < 4000; ++row) many.push_back(row * 37);
    table::DataFile file = NewFile(kRoot, "large");
    table::FileStatistics statistics;
    statistics.record_count = 200'000;
    file.statistics = std::make_shared<const table::FileStatistics>(statistics);
    MustCommit(Append({file}));
    MustCommit(Hide(*Latest(), {{"large", many}}));
    table::Change removal;
    removal.operation = "DELETE";
    for (const table::DataFile& live : Latest()->Plan({}).files) {
        if (live.path == "large") removal.remove.push_back(live);
    }
    MustCommit(removal);
    MustCommit(Removal(Trace("deletionVectors")));
    const auto trace = Trace("deletionVectors");
    ASSERT_EQ(trace.drop.kept_locations.size(), 1U);
    EXPECT_TRUE(store_.Stat(trace.drop.kept_locations[0]));
    MustCommit(Final(trace));
    format_.Checkpoint(Latest());
    bool is_named = false;
    for (const Remove& remove : ReadTombstones(store_, parquet_, kRoot, State())) {
        const bool is_vector =
            std::string(kRoot) + "/" + remove.path == trace.drop.kept_locations[0];
        is_named |= is_vector && !remove.deletion_vector && !remove.data_change;
    }
    EXPECT_TRUE(is_named);
}

TEST_F(FeatureDropTest, HistoryIsCutOnceItIsOld) {
    MakeTable({{"delta.enableDeletionVectors", "true"}});
    MustAppend("a");
    MustCommit(Removal(Trace("deletionVectors", true)));
    MustCommit(Append({}));
    format_.Checkpoint(Latest());
    auto trace = Trace("deletionVectors", true);
    ASSERT_TRUE(trace.IsClean());
    EXPECT_EQ(KindOf([&] { format_.ForgetVersions(Latest(), trace.drop); }),
              ErrorKind::kInvalidInput);
    EXPECT_NO_THROW(format_.Load(kRoot, table::Version{0}));
    clock_.Advance(std::chrono::hours(25));
    MustCommit(Append({}));
    format_.Checkpoint(Latest());
    format_.ForgetVersions(Latest(), trace.drop);
    EXPECT_EQ(ListCommits(store_, kRoot, {0}).front().version.number, 3);
    trace = Trace("deletionVectors", true);
    MustCommit(Final(trace));
    EXPECT_EQ(*State().protocol, PlainProtocol());
    EXPECT_EQ(Latest()->Totals().files, 1U);
}

TEST_F(FeatureDropTest, TheGuardGoesWithWhatItGuards) {
    MakeTable({{"delta.feature.vacuumProtocolCheck", "supported"}});
    MustCommit(Final(Trace("vacuumProtocolCheck")));
    format_.Checkpoint(Latest());
    const auto trace = Trace("checkpointProtection", true);
    EXPECT_EQ(KindOf([&] { format_.ForgetVersions(Latest(), trace.drop); }),
              ErrorKind::kInvalidInput);
    clock_.Advance(std::chrono::hours(25));
    MustCommit(Append({}));
    format_.Checkpoint(Latest());
    format_.ForgetVersions(Latest(), trace.drop);
    MustCommit(Final(trace));
    EXPECT_EQ(*State().protocol, PlainProtocol());
    EXPECT_TRUE(State().metadata->configuration.empty());
}

// Enabling row tracking adds every file again: one that goes meanwhile would come back.
TEST_F(FeatureDropTest, FilesThatGoMeanwhileDoNotComeBackWithNumbers) {
    MakeTable();
    MustAppend("a");
    const auto base = Latest();
    table::TableMetadata tracked = base->Metadata();
    tracked.properties["delta.enableRowTracking"] = "true";
    table::Change enables;
    enables.operation = "SET TBLPROPERTIES";
    enables.metadata = format_.Define(tracked, base, table::Definition::kAlters);
    table::Change removal;
    removal.operation = "DELETE";
    removal.remove = base->Plan({}).files;
    MustCommit(removal);
    EXPECT_EQ(Lost(format_.Commit(base, enables)), table::ConflictReason::kConcurrentAppend);
    EXPECT_EQ(Latest()->Totals().files, 0U);
}

TEST_F(FeatureDropTest, RowsLoseTheirNumbersInTheLastCommit) {
    MakeTable({{"delta.enableRowTracking", "true"}});
    MustAppend("a");
    const auto first = Trace("rowTracking");
    MustCommit(Removal(first));
    const auto base = Latest();
    const auto trace = Trace("rowTracking");
    ASSERT_TRUE(trace.IsClean());
    MustAppend("meanwhile");
    EXPECT_EQ(Lost(format_.Commit(base, Final(trace))), table::ConflictReason::kConcurrentAppend);
    MustCommit(Final(Trace("rowTracking")));
    EXPECT_EQ(State().files.Count(), 2U);
    State().files.ForEach([](const FileView& file) {
        EXPECT_TRUE(file.extras == nullptr || !file.extras->base_row_id) << file.path;
    });
    EXPECT_TRUE(State().domains.empty());
    EXPECT_EQ(*State().protocol,
              Listed(1, std::nullopt, {"appendOnly", "invariants", "domainMetadata"}));
}

TEST_F(FeatureDropTest, HistoryIsTruncatedForFeaturesOfReadersAndTheirGuardOnly) {
    MakeTable({{"delta.feature.vacuumProtocolCheck", "supported"},
               {"delta.feature.domainMetadata", "supported"},
               {"delta.feature.checkpointProtection", "supported"}});
    EXPECT_TRUE(Trace("vacuumProtocolCheck", true).IsClean());
    EXPECT_EQ(KindOf([&] { (void)Trace("domainMetadata", true); }), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf([&] { (void)Trace("checkpointProtection"); }), ErrorKind::kInvalidInput);
    EXPECT_TRUE(Trace("checkpointProtection", true).IsClean());
}

TEST_F(FeatureDropTest, PropertiesGoFirst) {
    MakeTable({{"delta.enableDeletionVectors", "true"}, {"delta.enableTypeWidening", "true"}});
    for (const auto& [feature, property] :
         std::map<std::string, std::string>{{"deletionVectors", "delta.enableDeletionVectors"},
                                            {"typeWidening", "delta.enableTypeWidening"}}) {
        const auto trace = Trace(feature);
        ASSERT_TRUE(trace.metadata) << feature;
        EXPECT_FALSE(trace.metadata->properties.contains(property));
        EXPECT_TRUE(trace.files.empty());
        MustCommit(Removal(trace));
        EXPECT_TRUE(Trace(feature).IsClean()) << feature;
    }
}

TEST_F(FeatureDropTest, OnlyFilesWithVectorsAreWrittenAgain) {
    MakeTable(HidesRows());
    MustAppend("a");
    MustAppend("b");
    MustCommit(Hide(*Latest(), {{"a", {1}}}));
    MustCommit(Removal(Trace("deletionVectors")));
    const auto trace = Trace("deletionVectors");
    ASSERT_EQ(trace.files.size(), 1U);
    EXPECT_EQ(trace.files[0].path, "a");
    // Whoever does not clean up first is refused.
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(Latest(), Final(trace)); }),
              ErrorKind::kInvalidInput);
}

TEST_F(FeatureDropTest, ANameThatNeedsTheMappingKeepsIt) {
    table::TableMetadata named = EventsTable({{"delta.columnMapping.mode", "name"}});
    named.schema.fields[1].name = "first name";
    const auto mapped = format_.Define(named, nullptr, table::Definition::kCreates);
    (void)format_.Create(kRoot, *mapped, Append({}));
    EXPECT_EQ(KindOf([&] { (void)Trace("columnMapping"); }), ErrorKind::kInvalidInput);
}

TEST_F(FeatureDropTest, RowTrackingThatIsOnlyOffIsNotSuspended) {
    MakeTable({{"delta.feature.rowTracking", "supported"},
               {"delta.feature.domainMetadata", "supported"}});
    EXPECT_FALSE(Trace("rowTracking").IsClean());
    MustCommit(Removal(Trace("rowTracking")));
    EXPECT_TRUE(Trace("rowTracking").IsClean());
}

TEST_F(FeatureDropTest, AGuardThatIsThereIsNotNamedTwice) {
    MakeTable({{"delta.feature.vacuumProtocolCheck", "supported"},
               {"delta.feature.checkpointProtection", "supported"}});
    MustCommit(Final(Trace("vacuumProtocolCheck")));
    EXPECT_EQ(FeaturesOf(*State().protocol),
              (Names{"appendOnly", "invariants", "checkpointProtection"}));
}

TEST_F(FeatureDropTest, DomainsGoWithTheirFeature) {
    MakeTable({{"delta.feature.domainMetadata", "supported"}});
    PutLog(1, R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})");
    const auto base = Latest();
    const auto trace = Trace("domainMetadata");
    PutLog(2, R"({"domainMetadata":{"domain":"e","configuration":"{}","removed":false}})");
    EXPECT_EQ(Lost(format_.Commit(base, Final(trace))), table::ConflictReason::kProtocolChanged);
    MustCommit(Final(Trace("domainMetadata")));
    EXPECT_TRUE(State().domains.empty());
}

// One reason each for which versions cannot be forgotten yet.
TEST_F(FeatureDropTest, WhatIsLeftOfAFeatureIsFoundWhereverItStands) {
    struct Left {
        std::string feature;
        std::string line;
    };
    const Left left[] = {
        {"deletionVectors", AddLine("a", kVector)},
        {"deletionVectors", RemoveLine("a", kVector)},
        {"deletionVectors", IdMetadata(R"("delta.enableDeletionVectors":"true")")},
        {"v2Checkpoint", IdMetadata(R"("delta.checkpointPolicy":"v2")")},
        {"typeWidening", widened_},
    };
    PutLog(0, Lines({kThreeFeatures, IdMetadata()}));
    for (const Left& each : left) {
        PutLog(1, AddLine("plain"));
        PutLog(2, IdMetadata());
        EXPECT_NO_THROW(Forget(each.feature)) << each.line;
        PutLog(1, each.line);
        EXPECT_EQ(KindOf([&] { Forget(each.feature); }), ErrorKind::kInvalidInput) << each.line;
    }
}

// The commits behind it say nothing of the feature any more.
TEST_F(FeatureDropTest, WhatTheFirstVersionStandsOnCountsToo) {
    struct Left {
        std::string feature;
        std::string before;  // the checkpoint
        std::string after;
    };
    const Left left[] = {
        {"deletionVectors", AddLine("a", kVector), AddLine("plain")},
        {"v2Checkpoint", IdMetadata(R"("delta.checkpointPolicy":"v2")"), IdMetadata()},
        {"typeWidening", widened_, AddLine("plain")},
    };
    const auto put = [&](const std::string& before, const std::string& after) {
        for (const auto& info : storage::ListAll(store_, kRoot, storage::Depth::kBelow))
            store_.Delete(info.location);
        PutLog(0, Lines({kThreeFeatures, IdMetadata()}));
        PutLog(1, before);
        format_.Checkpoint(Latest());
        PutLog(2, after);
        for (const int64_t gone : {0, 1}) store_.Delete(CommitLocation(kRoot, {gone}));
    };
    for (const Left& each : left) {
        put(AddLine("a"), AddLine("plain"));
        EXPECT_NO_THROW(Forget(each.feature)) << each.feature;
        put(each.before, each.after);
        EXPECT_EQ(KindOf([&] { Forget(each.feature); }), ErrorKind::kInvalidInput) << each.feature;
    }
}

TEST_F(FeatureDropTest, AVectorThatIsNamedByItselfIsNotNamedAgain) {
    DeletionVector vector;
    vector.storage_type = 'u';
    vector.path_or_inline = "ab^-aqEH.-t@S}K{vb[*k^";
    Remove hidden;
    hidden.path = "a";
    hidden.deletion_vector = vector;
    const auto named = VectorsOfRemoves(kRoot, {hidden});
    ASSERT_EQ(named.size(), 1U);
    Remove kept;
    kept.path = named[0].substr(std::string(kRoot).size() + 1);
    EXPECT_TRUE(VectorsOfRemoves(kRoot, {hidden, kept}).empty());
}

}  // namespace
}  // namespace tarn::delta
