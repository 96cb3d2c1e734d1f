// Chance comes in through this port, so that a simulation can replay it from a seed. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

#include "base/clock.h"

namespace tarn {

class Random {
public:
    virtual ~Random() = default;
    virtual uint64_t Next() = 0;
    // Uniform in [0, bound); bound > 0.
    uint64_t Below(uint64_t bound);
};

class RealRandom final : public Random {
public:
    uint64_t Next() override;
};

class SeededRandom final : public Random {
public:
    explicit SeededRandom(uint64_t seed) : engine_(seed) {}
    uint64_t Next() override;

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

// RFC 9562 version 7, lower case with dashes: ids sort by their time of birth.
std::string NewUuid(Clock& clock, Random& random);

}  // namespace tarn
