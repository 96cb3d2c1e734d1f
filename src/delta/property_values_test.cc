#include "delta/property_values.h"

#include <gtest/gtest.h>

#include "delta/testing/table_fixture.h"

namespace tarn::delta {
namespace {

using table::Definition;

bool IsRefused(const std::string& key, const std::string& value,
               const table::TableMetadata* base = nullptr,
               Definition definition = Definition::kCreates) {
    table::TableMetadata wanted;
    if (base != nullptr) wanted = *base;
    wanted.properties[key] = value;
    try {
        CheckPropertyValues(wanted, base, definition);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        return true;
    }
    return false;
}

TEST(PropertyValues, OneThatIsNoneIsRefused) {
    const std::pair<const char*, const char*> wrong[] = {
        {"delta.checkpointInterval", "0"},
        {"delta.checkpointInterval", "ten"},
        {"delta.deletedFileRetentionDuration", "2 bananas"},
        {"delta.enableDeletionVectors", "maybe"},
        {"delta.appendOnly", "ja"},
        {"delta.isolationLevel", "Snapshot"},
        {"delta.checkpointPolicy", "v3"},
        {"delta.dataSkippingNumIndexedCols", "abc"},
        {"delta.dataSkippingNumIndexedCols", "-2"},
        {"delta.targetFileSize", "none"}};
    for (const auto& [key, value] : wrong) EXPECT_TRUE(IsRefused(key, value)) << key << value;
    const std::pair<const char*, const char*> right[] = {
        {"delta.checkpointInterval", "1"},
        {"delta.logRetentionDuration", "interval 0 days"},
        {"delta.enableDeletionVectors", "TRUE"},
        {"delta.autoOptimize.autoCompact", "auto"},
        {"delta.isolationLevel", "writeserializable"},
        {"delta.dataSkippingNumIndexedCols", "-1"},
        {"delta.targetFileSize", "1 GB"},
        {"delta.unknown", "x"},
        {"owner", "maybe"}};
    for (const auto& [key, value] : right) EXPECT_FALSE(IsRefused(key, value)) << key << value;
}

TEST(PropertyValues, OneThatLooksLikeAnotherIsFound) {
    EXPECT_EQ(PropertyMeant("delta.chekpointInterval"), "delta.checkpointInterval");
    EXPECT_EQ(PropertyMeant("delta.APPENDONLY"), "delta.appendOnly");
    EXPECT_EQ(PropertyMeant("appendOnly"), "delta.appendOnly");
    for (const char* name : {"delta.appendOnly", "delta.columnMapping.mode",
                             "delta.dataSkippingStatsColumns", "delta.feature.appendOnly",
                             "delta.constraints.appendOnly", "owner", "delta.my.own.notes"})
        EXPECT_EQ(PropertyMeant(name), std::nullopt) << name;
}

TEST(PropertyValues, WhatAnotherWriterLeftIsNotAskedAgain) {
    table::TableMetadata base;
    base.properties["delta.checkpointInterval"] = "0";
    EXPECT_FALSE(IsRefused("who", "me", &base, Definition::kAlters));
    EXPECT_TRUE(IsRefused("delta.checkpointInterval", "-1", &base, Definition::kAlters));
}

TEST(PropertyValues, WhatTheTableItselfKeepsIsLeftToIt) {
    const std::string column = "delta.rowTracking.materializedRowIdColumnName";
    table::TableMetadata base;
    base.properties[column] = "_row-id-col-1";
    EXPECT_FALSE(IsRefused("who", "me", &base, Definition::kAlters));
    EXPECT_TRUE(IsRefused(column, "k", &base, Definition::kAlters));
    EXPECT_TRUE(IsRefused(column, "k"));
    const table::TableMetadata without;
    EXPECT_THROW(CheckPropertyValues(without, &base, Definition::kAlters), Error);
    EXPECT_NO_THROW(CheckPropertyValues(without, &base, Definition::kReplaces));
}

// CREATE OR REPLACE may say again what the table had.
TEST(PropertyValues, ATablesOwnPropertyMayBeReplacedByItself) {
    table::TableMetadata base;
    base.properties["delta.columnMapping.maxColumnId"] = "4";
    EXPECT_FALSE(IsRefused("delta.columnMapping.maxColumnId", "4", &base, Definition::kReplaces));
    EXPECT_TRUE(IsRefused("delta.columnMapping.maxColumnId", "5", &base, Definition::kReplaces));
}

}  // namespace
}  // namespace tarn::delta
