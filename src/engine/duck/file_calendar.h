// In which calendar a Parquet file counts its dates and instants, as Spark writes it into the
// footer (keys org.apache.spark.version, .legacyDateTime, .legacyINT96, .timeZone).
#pragma once

#include <parquet_types.h>

#include "format/hybrid_calendar.h"

namespace tarn::engine::duck {

struct FileCalendar {
    bool is_hybrid = false;        // dates and instants, but for those in INT96
    bool int96_is_hybrid = false;  // instants in INT96
    // Where nothing is said, UTC: Spark takes its own machine's.
    format::HybridZone zone;
};

// Files of other writers, and of Spark from 3.0 on (INT96: 3.1) without a mark, are Gregorian.
FileCalendar CalendarOf(const duckdb_parquet::FileMetaData& metadata);

}  // namespace tarn::engine::duck
