#include "pipeline/scratch_tables.h"

#include "base/error.h"

namespace tarn::pipeline {

ScratchTables::~ScratchTables() {
    for (const std::string& name : names_) {
        try {
            session_.Run(fmt::format("DROP TABLE IF EXISTS temp.main.{}", name));
        } catch (const Error&) {
            // The next one of that name replaces it; the session's end drops it.
        }
    }
}

void ScratchTables::Make(const std::string& name, const std::string& select) {
    names_.push_back(name);
    session_.Run(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", name, select));
}

}  // namespace tarn::pipeline
