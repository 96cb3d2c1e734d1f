// The steps from a batch of changes to a target, for one kind of target. Two tables hold what
// changes amount to: the target, which readers see, and its memory, which keeps what a later change
// may ask for and the target does not show (deletes, changes that came to nothing, up to where each
// row is known). The memory is committed first. It only ever learns: with the same changes told
// again it stays as it is, and the target is made of both, so that a run cut between the two
// commits is done again and not twice.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"
#include "pipeline/change_layout.h"

namespace tarn::pipeline {

// The batch of changes, staged: the target's columns, `__sequence`, `__is_delete`, and, where the
// rules tell of them, `__is_truncate` and `__absent` (names of columns without a value).
inline constexpr std::string_view kEvents = "tarn_events";

struct ChangeScene {
    engine::Session& session;
    const sql::ChangeRules& rules;
    const ChangeLayout& layout;
    std::string target;  // quoted
    std::string memory;  // quoted
    std::string order_type;
    bool anew = false;           // neither table holds anything that counts
    bool has_truncates = false;  // the batch has some
    Columns kept = {};           // of a target that stays: its own

    bool MayTruncate() const { return !rules.truncate_when.empty(); }
    // Fills a temporary table.
    void Make(std::string_view name, const std::string& select) const;
    // The columns that say of a row that it is deleted but stays; none where deleted rows go.
    Columns Marks() const;
    // The staged changes of rows.
    std::string Events() const;
    // The latest truncate that the memory of latest rows knows, as one row with the column
    // `__truncated`.
    std::string TruncatedSelect() const;
    // The keys' columns as NULLs and the latest truncate of the batch as `sequence`; one row.
    std::string TruncateRow(std::string_view sequence) const;
    // What a row of the memory of latest rows, named `row`, must be later than to be shown: its
    // delete or the latest truncate. Stands in a SELECT whose FROM goes on with FromTruncated.
    std::string Floor(std::string_view row) const;
    std::string FromTruncated() const;
};

class ChangeSteps {
public:
    virtual ~ChangeSteps() = default;
    // Fills temporary tables from the staged batch and both tables as they are.
    virtual void Prepare() = 0;
    // The names of those that it may have made.
    virtual std::vector<std::string_view> Temporaries() const = 0;
    // The rows of a new memory.
    virtual std::string MemorySelect() = 0;
    // The statement by which a memory learns of the batch; empty: it has nothing to learn.
    virtual std::string MemoryMerge() = 0;
    // The rows of a new target; the memory is committed.
    virtual std::string TargetSelect() = 0;
    // The statement that brings the target up to date; the memory is committed.
    virtual std::string TargetMerge() = 0;
};

// A row a key, as its latest change has it; where rows tell their order themselves
// (ChangeLayout::RowsTellTheirOrder), and else.
std::unique_ptr<ChangeSteps> ShownRowSteps(const ChangeScene& scene);
std::unique_ptr<ChangeSteps> LatestRowSteps(const ChangeScene& scene);
// A row a key, each column as the latest change that has a value for it.
std::unique_ptr<ChangeSteps> LatestValueSteps(const ChangeScene& scene);
// A row a version, with the sequence from which on it held and at which it ended.
std::unique_ptr<ChangeSteps> RowVersionSteps(const ChangeScene& scene);

// The rows of a table as a number.
int64_t CountRows(engine::Session& session, std::string_view table);
// The number in a row of an answer that counts.
int64_t NumberAt(const engine::TextRow& row, size_t at);

}  // namespace tarn::pipeline
