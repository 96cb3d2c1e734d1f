#include "delta/tombstones.h"

#include <algorithm>
#include <utility>

namespace tarn::delta {

void Tombstones::Added(const FileKey& key) {
    removes_.erase(key);
    added_now_.insert(key);
}

void Tombstones::Removed(Remove&& remove) {
    const FileKey key = KeyOf(remove);
    if (!added_now_.contains(key)) removes_.insert_or_assign(key, std::move(remove));
}

std::vector<Remove> Tombstones::Take() {
    std::vector<Remove> taken;
    taken.reserve(removes_.size());
    for (auto& [key, remove] : removes_) taken.push_back(std::move(remove));
    removes_.clear();
    return taken;
}

void ForEachRemove(std::string_view text, std::string_view name,
                   const std::function<void(Remove&&)>& take) {
    std::string others;
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        if (!line.starts_with(R"({"add":{)")) {
            others.append(line).append("\n");
        } else if (!line.ends_with("}}")) {
            others = text;  // laid out by somebody else
            break;
        }
    }
    ParseActions(others, name, [&](Action&& action) {
        if (auto* remove = std::get_if<Remove>(&action)) take(std::move(*remove));
    });
}

std::vector<const Remove*> LiveTombstones(const std::vector<Remove>& tombstones,
                                          int64_t oldest_remove_ms) {
    std::vector<const Remove*> live;
    for (const Remove& remove : tombstones) {
        if (remove.deletion_timestamp_ms.value_or(0) >= oldest_remove_ms) live.push_back(&remove);
    }
    return live;
}

}  // namespace tarn::delta
