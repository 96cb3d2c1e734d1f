// The reference page of the checks that every project has, from the table that they are read from.
#pragma once

#include <string>

namespace tarn::cli {

std::string ChecksPage();

}  // namespace tarn::cli
