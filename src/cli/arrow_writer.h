// Answers as Arrow IPC streams, for other programs: one stream a statement that gives rows, one
// behind the other. Statements without rows write nothing.
#pragma once

#include <memory>
#include <ostream>

#include "cli/result_writer.h"

namespace tarn::cli {

// The stream outlives the writer. A type that Arrow IPC cannot hold is Unsupported.
std::unique_ptr<ResultWriter> MakeArrowWriter(std::ostream& out);

}  // namespace tarn::cli
