#include "base/random.h"

#include <fmt/core.h>

#include "base/check.h"

namespace tarn {

uint64_t Random::Below(uint64_t bound) {
    Check(bound > 0, "Random::Below needs a positive bound");
    const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t value = Next();
    while (value >= limit) value = Next();
    return value % bound;
}

uint64_t RealRandom::Next() {
    thread_local std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
}

uint64_t SeededRandom::Next() {
    std::lock_guard lock(mutex_);
    return engine_();
}

std::string NewUuid(Clock& clock, Random& random) {
    const auto ms = static_cast<uint64_t>(ToUnixMs(clock.Now())) & 0xffffffffffffULL;
    const uint64_t a = random.Next();
    const uint64_t b = random.Next();
    return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", ms >> 16, ms & 0xffff, a & 0xfff,
                       0x8000 | ((a >> 12) & 0x3fff), b & 0xffffffffffffULL);
}

}  // namespace tarn
