// Runs AUTO CDC statements: a port, as the application of changes is made of statements itself and
// lives above the engine.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/session.h"
#include "sql/change_flow.h"

namespace tarn::engine {

struct FlowOutcome {
    int64_t changes_read = 0;
    int64_t rows_changed = 0;
    std::optional<int64_t> version;  // of the target; nothing when the flow found nothing to do
};

class FlowRunner {
public:
    virtual ~FlowRunner() = default;
    // Applies the source's changes to the target through `session`, whose open statement this is.
    // NotFound, InvalidInput with the statement's places; what the engine throws.
    virtual FlowOutcome Run(Session& session, const sql::ChangeFlow& flow) = 0;
};

}  // namespace tarn::engine
