// The summary of an ingest as lines for a person. Pure.
#pragma once

#include <string>
#include <vector>

#include "ingest/ingest.h"

namespace tarn::ingest {

// A line a table, below it what did not go as wished, then one line of totals. No line break within
// a line.
std::vector<std::string> SummaryLines(const IngestReport& report);

}  // namespace tarn::ingest
