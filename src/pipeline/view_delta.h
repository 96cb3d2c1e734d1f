// What the changes of a view's sources come to in its own rows, as one statement over its table.
// The SELECT is run over the changed rows in the place of one source at a time: of a join
//     new(A,B) - old(A,B)  =  SELECT(changes of A, old B)  +  SELECT(new A, changes of B)
// row by row, deletes counting as -1. Of rows that are grouped, the groups that this touches are
// made again, each from all of its rows; where there are only new rows and each column adds up, the
// new rows are added to them. Nothing is written but temporary tables. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/query_shape.h"
#include "pipeline/change_layout.h"
#include "pipeline/node_compiler.h"
#include "pipeline/scratch_tables.h"

namespace tarn::pipeline {

struct ViewScene {
    engine::Session& session;
    NodeCompiler& compiler;
    const Node& node;
    const engine::QueryShape& shape;  // kRows or kGroups
    const ReadVersions& versions;     // `after`: what the table was made of
    std::string select;               // at `up_to`
    std::string target;               // quoted
    Columns columns;                  // of the target, in the order of the shape's
    bool may_take_out = true;         // rows of a view without groups: whatever that costs
};

class ViewDelta {
public:
    // The scene outlives it.
    explicit ViewDelta(const ViewScene& scene);

    // Reads what changed in the sources since, once: how many rows that are; more than `most`: it
    // was not read to the end. NotFound, Unsupported: the versions give no changes any more.
    int64_t ReadChanges(std::optional<int64_t> most);
    // The statement that brings the table up to date; empty: it is. Unsupported, with what is in
    // the way.
    std::string Statement();
    // What the statement does, for people.
    const std::string& told() const { return told_; }

private:
    struct Source {
        std::string id;
        std::string changes;  // a temporary table
        bool has_new = false;
        bool has_old = false;
    };
    enum class Take { kNew, kOld, kAll };

    // The view's SELECT over changed rows of the source: other sources that changed are read as
    // they are, those behind it as they were.
    std::string SelectOver(const Source& source, Take take);
    void CheckReads(const std::string& select, const Source& source) const;
    // "SELECT ... UNION ALL SELECT ...", one a source.
    std::string OverEach(Take take, const std::string& columns);
    // The columns as the table has them.
    std::string Cast(const Columns& columns) const;
    Columns WithRole(bool keys) const;

    bool AddsUp() const;
    std::string RowStatement();
    std::string TakeOutStatement();
    std::string AddStatement();
    std::string GroupStatement();
    // Conditions that hold for the touched groups, and for few others; where a group is one of
    // few values of a column that the engine may look for in files.
    std::string Narrowed(const Columns& keys);
    // Unsupported: more than so many columns have names of our own.
    static void CheckNames(const std::string& of, const Columns& columns, int own);

    const ViewScene& scene_;
    ScratchTables scratch_;
    std::vector<Source> sources_;  // that changed
    std::string told_;
};

}  // namespace tarn::pipeline
