// Microbatch models, as dbt has them: an incremental model whose rows belong to intervals of a
// time, each interval made by itself from inputs that are filtered to it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "pipeline/model.h"

namespace tarn::pipeline {

// From start, inclusive, to end, exclusive.
struct Batch {
    TimestampUs start;
    TimestampUs end;
};

// From what is set. InvalidInput: something is missing or wrong.
MicrobatchConfig ParseMicrobatch(const nlohmann::ordered_json& settings);

// "2024-01-01", "2024-01-01 06:00:00" or with a `T`, in UTC. InvalidInput.
TimestampUs ParseInstant(const std::string& text);

// What a run is asked for.
struct BatchWish {
    std::optional<TimestampUs> from = {};  // of --event-time-start
    std::optional<TimestampUs> to = {};    // of --event-time-end
    std::optional<TimestampUs> done = {};  // up to where the table is made; nothing: there is none
    TimestampUs now = {};
};
// The batches to make, oldest first: from where the table ends (`lookback` batches before that) to
// now, or those asked for. InvalidInput: more than a bound of them, or they end before they begin.
std::vector<Batch> BatchesOf(const MicrobatchConfig& config, const BatchWish& wish);

// "event_time >= TIMESTAMP '...' AND event_time < TIMESTAMP '...'"
std::string InBatch(const std::string& column, const Batch& batch);
// The rows of a batch, of which none may lie outside of it: a table that is made of them has no
// rows to replace, by which a commit would be held to that.
std::string HeldToBatch(const std::string& select, const std::string& in_batch);
// model.batch of a template.
nlohmann::ordered_json BatchJson(const MicrobatchConfig& config, const Batch& batch);

}  // namespace tarn::pipeline
