// How fresh a source has to be, as YAML says, and what an age means by that. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/yaml.h"

namespace tarn::pipeline {

struct FreshnessLimit {
    int64_t count = 0;
    std::string period;  // "minute", "hour", "day"
    int64_t Seconds() const;
};

// What a source says, or a table of it; the table's own words win.
struct Freshness {
    std::optional<FreshnessLimit> warn_after;
    std::optional<FreshnessLimit> error_after;
    std::string filter;           // SQL over the table: only these rows tell of its age
    std::string loaded_at_field;  // SQL over a row: when it was loaded
    std::string loaded_at_query;  // SQL: when the table was loaded
    bool IsAsked() const { return warn_after || error_after; }
    std::string Verdict(double age_s) const;  // "pass", "warn" or "error"
};

// "10 minutes", "1 hour", "30s", "2 days" in seconds; nothing: it is no such text.
std::optional<int64_t> ParseSpanSeconds(std::string_view text);

// Lays what a source, a table or its `config:` says over what is there. InvalidInput with its
// place.
void LayFreshness(const YamlNode& node, Freshness& freshness);

}  // namespace tarn::pipeline
