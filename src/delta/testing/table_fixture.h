// For tests: a Delta format over a store, and short words for tables, files and changes.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/testing/kind_of.h"
#include "delta/format.h"
#include "delta/testing/in_memory_parquet.h"
#include "storage/memory_store.h"

namespace tarn::delta {

inline table::Field FieldOf(std::string name, table::Type type) {
    table::Field field;
    field.physical_name = name;
    field.name = std::move(name);
    field.type = std::move(type);
    return field;
}

// Columns id (long), name (string), day (date), partitioned by day.
inline table::TableMetadata EventsTable(std::map<std::string, std::string> properties = {}) {
    table::TableMetadata metadata;
    metadata.schema.fields = {FieldOf("id", table::Type(table::TypeKind::kLong)),
                              FieldOf("name", table::Type(table::TypeKind::kString)),
                              FieldOf("day", table::Type(table::TypeKind::kDate))};
    metadata.partition_columns = {"day"};
    metadata.properties = std::move(properties);
    return metadata;
}

// One new file with ids [low, high] of a day.
inline table::DataFile NewFile(const std::string& root, const std::string& name, int64_t low = 0,
                               int64_t high = 0, int32_t day = 0) {
    table::DataFile file;
    file.location = root + "/" + name;
    file.size_bytes = 100;
    file.modified_ms = 5;
    file.partition_values = {table::Date{day}};
    table::FileStatistics statistics;
    statistics.record_count = 10;
    statistics.columns = {{{"id"}, low, high, 0}};
    file.statistics = std::make_shared<const table::FileStatistics>(statistics);
    return file;
}

inline table::Change Append(std::vector<table::DataFile> files) {
    table::Change change;
    change.operation = "WRITE";
    change.parameters = {{"mode", "\"Append\""}};
    change.add = std::move(files);
    return change;
}

inline std::multiset<std::string> PathsOf(const table::Snapshot& snapshot,
                                          const table::Predicate& predicate = {}) {
    std::multiset<std::string> paths;
    for (const table::DataFile& file : snapshot.Plan(predicate).files) paths.insert(file.path);
    return paths;
}

class TableFixture : public ::testing::Test {
protected:
    static constexpr const char* kRoot = "mem://t/events";

    explicit TableFixture(FormatOptions options = {})
        : format_(store_, parquet_, clock_, random_, options) {}

    table::SnapshotPtr Latest() { return format_.Load(kRoot, table::Latest{}); }

    table::SnapshotPtr MakeTable(std::map<std::string, std::string> properties = {}) {
        const auto outcome = format_.Create(kRoot, EventsTable(std::move(properties)), Append({}));
        EXPECT_TRUE(std::holds_alternative<table::Committed>(outcome));
        return Latest();
    }

    // Commits on the latest version; must succeed.
    table::SnapshotPtr MustCommit(const table::Change& change) {
        const auto outcome = format_.Commit(Latest(), change);
        EXPECT_TRUE(std::holds_alternative<table::Committed>(outcome));
        clock_.Advance(std::chrono::seconds(1));
        return Latest();
    }
    table::SnapshotPtr MustAppend(const std::string& name, int64_t low = 0, int64_t high = 0,
                                  int32_t day = 0) {
        return MustCommit(Append({NewFile(kRoot, name, low, high, day)}));
    }

    void PutLog(int64_t version, const std::string& lines) {
        char name[32];
        std::snprintf(name, sizeof(name), "%020ld.json", version);
        store_.Put(std::string(kRoot) + "/_delta_log/" + name, lines);
    }

    ManualClock clock_{TimestampUs(std::chrono::seconds(1'700'000'000))};
    SeededRandom random_{42};
    storage::MemoryStore store_{clock_};
    InMemoryParquet parquet_{store_};
    Format format_;
};

}  // namespace tarn::delta
