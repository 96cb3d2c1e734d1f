// A table format that hands everything on and notes the changes that reach it, for tests of the
// engine.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "table/forwarding_format.h"

namespace tarn::engine {

class RecordingFormat final : public table::ForwardingFormat {
public:
    using ForwardingFormat::ForwardingFormat;

    table::CommitOutcome Create(const std::string& location, const table::TableMetadata& metadata,
                                const table::Change& change) override {
        changes[location].push_back(change);
        return ForwardingFormat::Create(location, metadata, change);
    }
    table::CommitOutcome Commit(const table::SnapshotPtr& base,
                                const table::Change& change) override {
        if (outcome && times > 0) {
            --times;
            return *outcome;
        }
        changes[base->Location()].push_back(change);
        return ForwardingFormat::Commit(base, change);
    }

    // The changes as they came, by location.
    std::map<std::string, std::vector<table::Change>> changes;
    // What the next commits answer, doing nothing, and so many of them.
    std::optional<table::CommitOutcome> outcome;
    int times = 0;
};

}  // namespace tarn::engine
