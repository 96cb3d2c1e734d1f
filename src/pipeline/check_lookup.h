// Whose word a declared test is: a macro of the project or of a package, or one of the checks that
// every project has.
#pragma once

#include <string>

#include "pipeline/model.h"
#include "pipeline/model_context.h"

namespace tarn::pipeline {

// The check that the test is; null: it is a macro's, which wins over a check of its name.
// `used_in`: the package whose file declares it. InvalidInput at its place: nobody has it (the
// nearest word is named), or the check has not such arguments.
const quality::SetCheck* CheckOfTest(const ModelContext& context, const Project& project,
                                     const std::string& used_in, const quality::DataTest& test);

}  // namespace tarn::pipeline
