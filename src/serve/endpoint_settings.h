// The keys of an endpoint file.
#pragma once

#include <vector>

#include "base/setting.h"

namespace tarn::serve {

const std::vector<Setting>& EndpointSettings();

}  // namespace tarn::serve
