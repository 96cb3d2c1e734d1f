// The stage of one run: the model's rows in a temporary table, each judged once, and what the
// counts say. Where nothing judges them and they are read once, they stay where they are: the stage
// is not filled then, counts nothing, and gives the model's SELECT itself. Writes no table of the
// lake. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/run_log.h"
#include "engine/session.h"
#include "pipeline/compiled_sql.h"
#include "quality/row_law.h"
#include "quality/row_split.h"

namespace tarn::pipeline {

class RowStage {
public:
    // `session` outlives the stage. The temporary table goes with the stage. `needed`: the rows are
    // read more than once, whatever the plan asks.
    RowStage(engine::Session& session, CompiledSql sql, quality::SplitPlan plan, bool needed);
    ~RowStage();
    RowStage(const RowStage&) = delete;
    RowStage& operator=(const RowStage&) = delete;

    // Runs the model's SELECT. A mistake in it is thrown at its place in the template, one in an
    // expectation at its place in the YAML.
    void Fill();
    bool IsFilled() const { return is_filled_; }
    // The temporary table of a filled one, as SQL.
    static std::string_view Table();

    // All terms but `in`, as the stage has them.
    const quality::RowCounts& Counts() const { return counts_; }
    int64_t Rows() const { return counts_.Out() + failing_; }
    // One record an expectation, without the run's number and node.
    std::vector<catalog::QualityRecord> Checks();
    // InvalidInput when a rule with the action fail is broken.
    void ThrowIfFailing(const std::string& model) const;

    // Does what reads TargetSelect. A mistake in the model's SELECT is thrown at its place in the
    // template, as Fill does.
    template <typename Work>
    auto Writing(Work work) {
        try {
            return work();
        } catch (const Error& error) {
            if (!is_filled_) ExplainUnfilled(error);
            throw;
        }
    }

    std::string TargetSelect() const;
    std::string QuarantineSelect(const std::string& run_id, const std::string& now) const;

private:
    [[noreturn]] void Explain(const Error& error);
    // Throws what the SELECT alone is refused for; returns where it is not.
    void ExplainUnfilled(const Error& error);
    std::string Sample(const std::string& rule);

    engine::Session& session_;
    const CompiledSql sql_;
    const quality::SplitPlan plan_;
    const bool is_filled_;
    quality::RowCounts counts_;
    int64_t failing_ = 0;
    std::map<std::string, int64_t> broken_;  // rule to rows
};

}  // namespace tarn::pipeline
