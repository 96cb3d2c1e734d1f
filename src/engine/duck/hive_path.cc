#include "engine/duck/hive_path.h"

#include "format/hive_partition.h"

namespace tarn::engine::duck {
namespace {

bool IsPlain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return false;
    return std::string_view("\"#%'*/:=?\\{[]^<>| ").find(c) == std::string_view::npos;
}

std::string Escape(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string escaped;
    for (char c : text) {
        if (IsPlain(c)) {
            escaped += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
        }
    }
    return escaped;
}

}  // namespace

std::string HivePart(const table::Field& column, const duckdb::Value& value) {
    const std::string name =
        Escape(column.physical_name.empty() ? column.name : column.physical_name);
    if (value.IsNull()) return name + "=" + std::string(format::kNullPartition);
    const std::string text = value.ToString();
    return name + "=" + (text.empty() ? std::string(format::kNullPartition) : Escape(text));
}

}  // namespace tarn::engine::duck
