#include "simulation/seed_range.h"

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>

#include <gtest/gtest.h>

namespace tarn::simulation {
namespace {

SeedRange chosen;

std::optional<uint64_t> ValueOf(std::string_view argument, std::string_view flag) {
    if (!argument.starts_with(flag)) return std::nullopt;
    return std::strtoull(argument.data() + flag.size(), nullptr, 10);
}

}  // namespace

const SeedRange& ChosenSeeds() { return chosen; }

}  // namespace tarn::simulation

int main(int argc, char** argv) {
    using tarn::simulation::ValueOf;
    testing::InitGoogleTest(&argc, argv);
    for (int i = 1; i < argc; ++i) {
        if (const auto first = ValueOf(argv[i], "--first=")) {
            tarn::simulation::chosen.first = *first;
        } else if (const auto count = ValueOf(argv[i], "--seeds=")) {
            tarn::simulation::chosen.count = *count;
        } else if (const auto seed = ValueOf(argv[i], "--seed=")) {
            tarn::simulation::chosen = {*seed, 1, true};
        } else {
            std::cerr << argv[i] << " is none of --first=N, --seeds=N, --seed=N\n";
            return 2;
        }
    }
    return RUN_ALL_TESTS();
}
