#include "catalog/table_defaults.h"

#include <gtest/gtest.h>

namespace tarn::catalog {
namespace {

// Remembers what it was asked to create.
class RememberingFormat final : public table::TableFormat {
public:
    std::string_view Name() const override { return "remembering"; }
    bool Exists(const std::string&) override { return true; }
    table::SnapshotPtr Load(const std::string&, const table::AsOf&,
                            const table::SnapshotPtr&) override {
        return nullptr;
    }
    table::CommitOutcome Create(const std::string&, const table::TableMetadata& metadata,
                                const table::Change&) override {
        created = metadata.properties;
        return table::Committed{table::Version{0}};
    }
    table::CommitOutcome Commit(const table::SnapshotPtr&, const table::Change&) override {
        return table::Committed{table::Version{1}};
    }
    table::Version Checkpoint(const table::SnapshotPtr&) override { return {}; }
    int64_t FileRetentionMs(const table::Snapshot&) override { return 0; }
    table::FilesInUse InUseSince(const table::SnapshotPtr&, int64_t) override { return {}; }
    std::vector<table::HistoryEntry> History(const std::string&, size_t) override { return {}; }
    std::vector<table::ChangedFile> Changes(const std::string&, table::Version, table::Version,
                                            table::ChangeScope) override {
        return {};
    }

    std::map<std::string, std::string> created;
};

TEST(TableDefaults, NewTablesGetThemAndTheCreatorWins) {
    RememberingFormat inner;
    DefaultingFormat format(inner, {{"a", "default"}, {"b", "default"}});
    table::TableMetadata metadata;
    metadata.properties = {{"b", "chosen"}, {"c", "chosen"}};
    format.Create("/t", metadata, {});
    EXPECT_EQ(inner.created, (std::map<std::string, std::string>{
                                 {"a", "default"}, {"b", "chosen"}, {"c", "chosen"}}));
    EXPECT_EQ(format.Name(), "remembering");
}

}  // namespace
}  // namespace tarn::catalog
