// The reference pages that are generated from the tables the code itself reads. docs/reference/
// holds them as committed text; a test fails when they are stale.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tarn::cli {

struct ReferencePage {
    std::string name;  // docs/reference/<name>.md
    std::function<std::string()> text;
};

const std::vector<ReferencePage>& ReferencePages();

}  // namespace tarn::cli
