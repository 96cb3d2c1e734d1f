// What the temporary tables of a session were made of, so that a statement that reads one comes
// from what that came from. Bounded; not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/lineage.h"

namespace tarn::engine::duck {

class TempLineage {
public:
    static constexpr size_t kMostTables = 64;

    struct Edge {
        size_t dataset = 0;
        std::string column;
        LineageEffect effect = LineageEffect::kIdentity;
        bool masking = false;
    };
    struct Table {
        std::vector<LineageDataset> datasets;
        std::map<std::string, std::vector<Edge>> columns;  // by folded name
        std::vector<Edge> rows;
    };

    // The table was made by this, or got further rows from it.
    void Made(const std::string& table, const StatementLineage& lineage);
    void Added(const std::string& table, const StatementLineage& lineage);
    // Null for a table that is not known.
    const Table* Find(const std::string& table) const;

private:
    std::map<std::string, Table> tables_;  // by folded name
};

}  // namespace tarn::engine::duck
