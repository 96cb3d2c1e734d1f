#include "engine/duck/column_comment.h"

#include <nlohmann/json.hpp>

namespace tarn::engine::duck {
namespace {

constexpr const char* kComment = "comment";

}  // namespace

std::optional<std::string> CommentOf(const table::Field& field) {
    for (const auto& [key, value] : field.metadata) {
        if (key != kComment) continue;
        const auto text = nlohmann::json::parse(value, nullptr, false);
        if (text.is_string()) return text.get<std::string>();
    }
    return std::nullopt;
}

void SetComment(table::Field& field, const std::string& comment) {
    std::erase_if(field.metadata, [](const auto& entry) { return entry.first == kComment; });
    field.metadata.emplace_back(kComment, nlohmann::json(comment).dump());
}

}  // namespace tarn::engine::duck
