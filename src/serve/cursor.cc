#include "serve/cursor.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "net/base64url.h"

namespace tarn::serve {

namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr size_t kSignatureBytes = 32;
// Another use of the same key must not make bytes that pass for a cursor.
constexpr std::string_view kPurpose = "tarn cursor\n";

Error NotOurs() {
    return Error(
        ErrorKind::kInvalidInput,
        "the cursor is not one that this server gave out: begin the walk again without it");
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

std::optional<Cursor> FromJson(const Json& json) {
    const auto is_array = [&](const char* key) {
        return json.contains(key) && json[key].is_array();
    };
    if (!json.is_object() || json.size() != 4 || json.value("f", Json()) != kFormat)
        return std::nullopt;
    if (!is_array("t") || !is_array("k") || !json.contains("b") || !json["b"].is_string())
        return std::nullopt;
    Cursor cursor{json["b"].get<std::string>(), {}, {}};
    for (const Json& pin : json["t"]) {
        const bool good = pin.is_array() && pin.size() == 3 && pin[0].is_string() &&
                          pin[1].is_number_integer() && pin[2].is_number_integer();
        if (!good) return std::nullopt;
        cursor.tables.push_back(
            {pin[0].get<std::string>(), pin[1].get<int64_t>(), pin[2].get<int64_t>()});
    }
    for (const Json& value : json["k"]) {
        if (!value.is_null() && !value.is_string()) return std::nullopt;
        cursor.key.push_back(value.is_null() ? std::nullopt
                                             : std::optional(value.get<std::string>()));
    }
    return cursor;
}

}  // namespace

std::string FormatCursorPayload(const Cursor& cursor) {
    Json json{{"f", kFormat}, {"b", cursor.binding}, {"t", Json::array()}, {"k", Json::array()}};
    for (const TablePin& pin : cursor.tables)
        json["t"].push_back(Json::array({pin.id, pin.version, pin.committed_ms}));
    for (const auto& value : cursor.key) json["k"].push_back(value ? Json(*value) : Json(nullptr));
    return json.dump();
}

std::optional<Cursor> ParseCursorPayload(std::string_view payload) {
    // A number beyond 64 bits or a nested bomb is bounded by kMaxCursorBytes.
    const Json json = Json::parse(payload, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    auto cursor = FromJson(json);
    if (!cursor || FormatCursorPayload(*cursor) != payload) return std::nullopt;
    return cursor;
}

CursorCodec::CursorCodec(std::string key) : key_(std::move(key)) {
    Check(key_.size() == kCursorKeyBytes, "a cursor key has 32 bytes");
}

std::string CursorCodec::Sign(std::string_view payload) const {
    return HmacSha256(key_, std::string(kPurpose) + std::string(payload));
}

std::string CursorCodec::Encode(const Cursor& cursor) const {
    const std::string payload = FormatCursorPayload(cursor);
    std::string text = net::EncodeBase64Url(Sign(payload) + payload);
    if (text.size() > kMaxCursorBytes) {
        throw Error(ErrorKind::kLimitExceeded,
                    "the next page's cursor would have {} bytes, over the limit of {}: order by "
                    "shorter columns",
                    text.size(), kMaxCursorBytes);
    }
    return text;
}

Cursor CursorCodec::Decode(std::string_view text) const {
    if (text.size() > kMaxCursorBytes) throw NotOurs();
    const auto bytes = net::DecodeBase64Url(text);
    if (!bytes || bytes->size() < kSignatureBytes) throw NotOurs();
    const std::string_view signature = std::string_view(*bytes).substr(0, kSignatureBytes);
    const std::string_view payload = std::string_view(*bytes).substr(kSignatureBytes);
    if (!EqualInConstantTime(signature, Sign(payload))) throw NotOurs();
    auto cursor = ParseCursorPayload(payload);
    if (!cursor) throw NotOurs();  // of another Tarn
    return std::move(*cursor);
}

}  // namespace tarn::serve
