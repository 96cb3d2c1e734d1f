// Reads numbers from foreign bytes, in order, never beyond the end: what is missing is Corrupt.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace tarn::format {

class ByteReader {
public:
    // `what` names the bytes in messages.
    ByteReader(std::string_view bytes, std::string_view what) : bytes_(bytes), what_(what) {}

    template <std::unsigned_integral T>
    T LittleEndian() {
        T value = 0;
        const std::string_view raw = Take(sizeof(T));
        for (size_t i = sizeof(T); i-- > 0;) value = Shifted(value, raw[i]);
        return value;
    }

    template <std::unsigned_integral T>
    T BigEndian() {
        T value = 0;
        for (const char c : Take(sizeof(T))) value = Shifted(value, c);
        return value;
    }

    std::string_view Take(uint64_t size) {
        if (size > bytes_.size()) {
            throw Error(ErrorKind::kCorrupt, "{} ends early: {} bytes are missing", what_,
                        size - bytes_.size());
        }
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }

    size_t Left() const { return bytes_.size(); }

private:
    template <typename T>
    static T Shifted(T value, char next) {
        return static_cast<T>((static_cast<uint64_t>(value) << 8) | static_cast<uint8_t>(next));
    }

    std::string_view bytes_;
    std::string_view what_;
};

}  // namespace tarn::format
