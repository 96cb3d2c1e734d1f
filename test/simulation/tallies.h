// How often what happened in a simulated world.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tarn::simulation {

struct Tallies {
    std::map<std::string, uint64_t> by_name;  // "committed append", "conflict merge", "crash"

    void Count(std::string_view what, std::string_view of = {}, uint64_t times = 1) {
        if (times == 0) return;
        std::string name(what);
        if (!of.empty()) name.append(" ").append(of);
        by_name[name] += times;
    }
};

}  // namespace tarn::simulation
