// The law of row-preserving models: rows in = written + dropped + quarantined + duplicates. Each
// term is counted apart, so that a join that multiplies rows or a filter that loses them is found.
#pragma once

#include <cstdint>
#include <string>

namespace tarn::quality {

struct RowCounts {
    int64_t in = 0;  // read from the source's version range, counted at the source
    int64_t written = 0;
    int64_t dropped = 0;
    int64_t quarantined = 0;
    int64_t duplicates = 0;

    int64_t Out() const { return written + dropped + quarantined + duplicates; }
};

// InvalidInput, giving every term, when the law does not hold for the model.
void CheckRowLaw(const RowCounts& counts, const std::string& model);

// "1 row", "1,234 rows"
std::string RowsText(int64_t rows);

}  // namespace tarn::quality
