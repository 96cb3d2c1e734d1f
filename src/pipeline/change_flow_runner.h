// Runs AUTO CDC statements: what is new in the source of a flow since it last ran, applied to its
// target, with the source's version in the target's commit.
#pragma once

#include "engine/flow_runner.h"
#include "engine/session.h"
#include "engine/table_directory.h"

namespace tarn::pipeline {

class ChangeFlowRunner final : public engine::FlowRunner {
public:
    // The directory outlives it.
    explicit ChangeFlowRunner(engine::TableDirectory& directory) : directory_(directory) {}

    // NotFound: no such source. InvalidInput: the source is no table, or the target has rows that
    // no flow brought.
    engine::FlowOutcome Run(engine::Session& session, const sql::ChangeFlow& flow) override;

private:
    engine::TableDirectory& directory_;
};

}  // namespace tarn::pipeline
