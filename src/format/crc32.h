// CRC-32 as zip and Delta's deletion vector files use it (ISO 3309, polynomial 0xEDB88320
// reflected).
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::format {

uint32_t Crc32(std::string_view bytes);

}  // namespace tarn::format
