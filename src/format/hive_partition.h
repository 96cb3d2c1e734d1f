// Folders of partitions as Hive and Spark name them: column=value.
#pragma once

#include <string_view>

namespace tarn::format {

// The value of NULL, and of the empty text.
inline constexpr std::string_view kNullPartition = "__HIVE_DEFAULT_PARTITION__";

}  // namespace tarn::format
