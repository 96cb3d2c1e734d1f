// The keys of a kind of YAML file, in one table: the reader takes its known keys from it, and the
// reference page is made of it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn {

struct Setting {
    std::string_view key;  // "serve.port", "tables[].csv.delimiter"
    std::string_view type;
    std::string_view fallback;
    std::string_view meaning;
};

// The keys at a place of the file: "" is its top, "columns[]" one column, "order" the order.
std::vector<std::string> KeysAt(const std::vector<Setting>& settings, std::string_view place);

}  // namespace tarn
