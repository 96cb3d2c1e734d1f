// Which columns of which inputs a value of a plan comes from, and how. Values; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/lineage.h"

namespace tarn::engine::duck {

// The effect of what stands within something that has the outer effect.
LineageEffect Compose(LineageEffect outer, LineageEffect inner);

struct Origin {
    uint32_t source = 0;  // of LineageSources
    LineageEffect effect = LineageEffect::kIdentity;
    bool masking = false;
};

// A set of origins, in order.
class Origins {
public:
    Origins() = default;
    explicit Origins(const Origin& origin) : packed_{Pack(origin)} {}

    bool empty() const { return packed_.empty(); }
    size_t size() const { return packed_.size(); }
    Origin At(size_t index) const { return Unpack(packed_[index]); }
    void Add(const Origins& others);
    // As seen from outside of something that has the effect.
    Origins Through(LineageEffect effect, bool masking = false) const;
    bool operator==(const Origins&) const = default;

    // Many origins in no order, put in order at the end.
    class Pile {
    public:
        void Add(const Origins& origins, LineageEffect effect, bool masking);
        size_t size() const { return packed_.size(); }
        Origins Sorted();

    private:
        std::vector<uint64_t> packed_;
    };

private:
    static uint64_t Pack(const Origin& origin);
    static Origin Unpack(uint64_t packed);
    static Origin Seen(Origin origin, LineageEffect effect, bool masking);

    std::vector<uint64_t> packed_;  // sorted, each once
};

// The columns that a statement reads, each under a number.
class LineageSources {
public:
    struct Column {
        size_t dataset = 0;
        std::string name;
    };

    // The same dataset at the same version has the same number.
    size_t Dataset(const LineageDataset& dataset);
    uint32_t Number(size_t dataset, const std::string& column);

    const std::vector<LineageDataset>& datasets() const { return datasets_; }
    const Column& At(uint32_t source) const { return columns_[source]; }

private:
    std::vector<LineageDataset> datasets_;
    std::map<std::string, size_t> dataset_numbers_;
    std::vector<std::unordered_map<std::string, uint32_t>> column_numbers_;  // by dataset
    std::vector<Column> columns_;
};

// What an output's columns and rows come from.
struct OutputOrigins {
    std::vector<Origins> columns;
    Origins rows;
};

}  // namespace tarn::engine::duck
