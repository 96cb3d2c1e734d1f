#include "engine/duck/client_state.h"

#include "base/check.h"
#include "duckdb/main/client_context.hpp"

namespace tarn::engine::duck {
namespace {
constexpr const char* kKey = "tarn";
}

ClientState* ClientState::TryOf(duckdb::ClientContext& context) {
    return context.registered_state->Get<ClientState>(kKey).get();
}

ClientState& ClientState::Of(duckdb::ClientContext& context) {
    ClientState* state = TryOf(context);
    Check(state != nullptr, "a statement of the lake runs on a connection of the engine");
    return *state;
}

void ClientState::Attach(duckdb::ClientContext& context, duckdb::shared_ptr<ClientState> state) {
    context.registered_state->Insert(kKey, std::move(state));
}

void ClientState::Begin(const ExecuteOptions* statement_options) {
    meter = std::make_shared<Meter>();
    options = statement_options;
    clauses = nullptr;
    upkeep = nullptr;
    explains = false;
    show = nullptr;
    entry = {};
    evolves = false;
    parameters.clear();
    lineage = nullptr;
    commit_error.reset();
}

}  // namespace tarn::engine::duck
