// The keys of jobs/*.yml, in one table: the reader takes its known keys from it, and the reference
// page is made of it. Pure.
#pragma once

#include <vector>

#include "base/setting.h"

namespace tarn::pipeline {

const std::vector<Setting>& JobSettings();

}  // namespace tarn::pipeline
