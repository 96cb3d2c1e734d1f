#include "quality/row_law.h"

#include "base/error.h"
#include "base/text.h"

namespace tarn::quality {

void CheckRowLaw(const RowCounts& counts, const std::string& model) {
    if (counts.in == counts.Out()) return;
    throw Error(ErrorKind::kInvalidInput,
                "{} breaks the law of rows: {} in, but {} written + {} dropped + {} quarantined + "
                "{} duplicates = {}; "
                "a join that multiplies rows or a filter that loses them is the usual cause (a "
                "model that is meant to "
                "do so says `row_preserving: false`)",
                model, counts.in, counts.written, counts.dropped, counts.quarantined,
                counts.duplicates, counts.Out());
}

std::string RowsText(int64_t rows) { return HumanCount(rows) + (rows == 1 ? " row" : " rows"); }

}  // namespace tarn::quality
