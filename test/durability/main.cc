#include <string_view>

#include <gtest/gtest.h>

#include "durability/sampling.h"

namespace tarn::durability {
namespace {
bool takes_all = false;
}  // namespace

bool TakesAll() { return takes_all; }

}  // namespace tarn::durability

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--all") tarn::durability::takes_all = true;
    }
    return RUN_ALL_TESTS();
}
