// A TableDirectory in memory, for tests: names live as long as the object. Thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "engine/table_directory.h"

namespace tarn::engine {

class MapDirectory final : public TableDirectory {
public:
    MapDirectory(std::string catalog, std::string warehouse)
        : catalog_(std::move(catalog)), warehouse_(std::move(warehouse)) {
        schemas_["main"] = {"main", "", {}};
    }

    // Rows of a system table, made anew for each reader.
    using Open = std::unique_ptr<table::RowSource> (*)();
    void AddSystemTable(const TableName& name, Open open) {
        const std::lock_guard lock(mutex_);
        schemas_[AsciiLower(name.schema)] = {name.schema, "", {}};
        DirectoryEntry entry;
        entry.name = name;
        entry.kind = EntryKind::kSystemTable;
        entries_[Key(name)] = entry;
        system_[Key(name)] = open;
        changes_++;
    }

    uint64_t ChangeCounter() override {
        const std::lock_guard lock(mutex_);
        return changes_;
    }
    const std::string& CatalogName() const override { return catalog_; }

    std::vector<SchemaEntry> Schemas() override {
        const std::lock_guard lock(mutex_);
        std::vector<SchemaEntry> all;
        for (const auto& [key, schema] : schemas_) all.push_back(schema);
        return all;
    }
    std::optional<SchemaEntry> FindSchema(const std::string& name) override {
        const std::lock_guard lock(mutex_);
        auto found = schemas_.find(AsciiLower(name));
        if (found == schemas_.end()) return std::nullopt;
        return found->second;
    }
    void CreateSchema(const SchemaEntry& schema) override {
        const std::lock_guard lock(mutex_);
        if (!schemas_.emplace(AsciiLower(schema.name), schema).second) {
            throw Error(ErrorKind::kAlreadyExists, "schema {} exists", schema.name);
        }
        changes_++;
    }
    void DescribeSchema(const SchemaEntry& schema) override {
        const std::lock_guard lock(mutex_);
        const auto found = schemas_.find(AsciiLower(schema.name));
        if (found == schemas_.end()) throw Error(ErrorKind::kNotFound, "no schema {}", schema.name);
        found->second = schema;
        changes_++;
    }
    void DropSchema(const std::string& name, bool cascade) override {
        const std::lock_guard lock(mutex_);
        if (!schemas_.contains(AsciiLower(name)))
            throw Error(ErrorKind::kNotFound, "no schema {}", name);
        const std::string prefix = AsciiLower(name) + ".";
        auto in_schema = [&](const auto& entry) { return entry.first.starts_with(prefix); };
        if (std::any_of(entries_.begin(), entries_.end(), in_schema) && !cascade) {
            throw Error(ErrorKind::kInvalidInput, "schema {} is not empty", name);
        }
        std::erase_if(entries_, in_schema);
        schemas_.erase(AsciiLower(name));
        changes_++;
    }

    std::optional<DirectoryEntry> Find(const TableName& name) override {
        const std::lock_guard lock(mutex_);
        auto found = entries_.find(Key(name));
        if (found == entries_.end()) return std::nullopt;
        return found->second;
    }
    std::optional<DirectoryEntry> FindFunction(const TableName& name) override {
        const std::lock_guard lock(mutex_);
        auto found = entries_.find(Key(name, EntryKind::kFunction));
        if (found == entries_.end()) return std::nullopt;
        return found->second;
    }
    std::vector<DirectoryEntry> List(const std::string& schema) override {
        const std::lock_guard lock(mutex_);
        std::vector<DirectoryEntry> all;
        for (const auto& [key, entry] : entries_) {
            if (EqualsIgnoreCase(entry.name.schema, schema)) all.push_back(entry);
        }
        return all;
    }
    std::string ManagedLocation(const TableName& name, const std::string& id) override {
        return warehouse_ + "/" + name.schema + "/" + name.name + "-" + id.substr(id.size() - 12);
    }
    void Register(const DirectoryEntry& entry) override {
        const std::lock_guard lock(mutex_);
        if (!schemas_.contains(AsciiLower(entry.name.schema))) {
            throw Error(ErrorKind::kNotFound, "no schema {}", entry.name.schema);
        }
        if (!entries_.emplace(Key(entry.name, entry.kind), entry).second) {
            throw Error(ErrorKind::kAlreadyExists, "{} exists", entry.name.ToString());
        }
        changes_++;
    }
    void Replace(const DirectoryEntry& entry) override {
        const std::lock_guard lock(mutex_);
        entries_[Key(entry.name, entry.kind)] = entry;
        changes_++;
    }
    void SetProperty(const TableName& name, const std::string& key,
                     const std::string& value) override {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(Key(name));
        if (found == entries_.end()) throw Error(ErrorKind::kNotFound, "no {}", name.ToString());
        found->second.properties[key] = value;
        changes_++;
    }
    void Rename(const TableName& name, const std::string& new_name) override {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(Key(name));
        if (found == entries_.end()) throw Error(ErrorKind::kNotFound, "no {}", name.ToString());
        DirectoryEntry entry = found->second;
        entry.name.name = new_name;
        if (entries_.contains(Key(entry.name)))
            throw Error(ErrorKind::kAlreadyExists, "{} exists", entry.name.ToString());
        entries_.erase(found);
        entries_[Key(entry.name)] = entry;
        changes_++;
    }
    void Drop(const TableName& name, EntryKind kind) override {
        const std::lock_guard lock(mutex_);
        auto found = entries_.find(Key(name, kind));
        if (found == entries_.end() || found->second.kind != kind) {
            throw Error(ErrorKind::kNotFound, "no {}", name.ToString());
        }
        entries_.erase(found);
        changes_++;
    }
    std::unique_ptr<table::RowSource> OpenSystemTable(const TableName& name) override {
        const std::lock_guard lock(mutex_);
        return system_.at(Key(name))();
    }

private:
    static std::string Key(const TableName& name, EntryKind kind = EntryKind::kTable) {
        return AsciiLower(name.schema) + "." + AsciiLower(name.name) +
               (kind == EntryKind::kFunction ? "()" : "");
    }

    const std::string catalog_;
    const std::string warehouse_;
    std::mutex mutex_;
    uint64_t changes_ = 0;
    std::map<std::string, SchemaEntry> schemas_;
    std::map<std::string, DirectoryEntry> entries_;
    std::map<std::string, Open> system_;
};

}  // namespace tarn::engine
