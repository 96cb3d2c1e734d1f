// May a new version of a contract take the place of the one in force. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "quality/contract_diff.h"

namespace tarn::quality {

struct Publication {
    ContractDiff diff;
    // Why it may not be published now, each with what would let it; empty: it may.
    std::vector<std::string> refusals;
};

// `was`: the version in force, whose breaking_change_policy decides; `announced`: when consumers
// were told of exactly this new text, nothing: never. A version that breaks nothing needs neither
// notice nor approval.
Publication JudgePublication(const Contract& was, const Contract& is,
                             std::optional<TimestampUs> announced, TimestampUs now);

}  // namespace tarn::quality
