#include "base/setting.h"

#include <algorithm>

namespace tarn {

std::vector<std::string> KeysAt(const std::vector<Setting>& settings, std::string_view place) {
    std::vector<std::string> keys;
    for (const Setting& setting : settings) {
        std::string_view key = setting.key;
        if (!place.empty()) {
            if (!key.starts_with(place) || !key.substr(place.size()).starts_with(".")) continue;
            key.remove_prefix(place.size() + 1);
        }
        std::string first(key.substr(0, key.find_first_of(".[")));
        if (std::find(keys.begin(), keys.end(), first) == keys.end())
            keys.push_back(std::move(first));
    }
    return keys;
}

}  // namespace tarn
