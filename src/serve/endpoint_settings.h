// The keys of an endpoint file, in one table: the reader takes its known keys from it, and the
// reference page is made of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::serve {

struct EndpointSetting {
    std::string_view key;  // "columns[].name"
    std::string_view type;
    std::string_view fallback;
    std::string_view meaning;
};
const std::vector<EndpointSetting>& EndpointSettings();

// The keys at a place of the file: "" is its top, "columns[]" one column, "order" the order.
std::vector<std::string> KeysAt(std::string_view place);

}  // namespace tarn::serve
