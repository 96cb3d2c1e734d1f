// The latest change of each key of a batch: what both kinds of tables of latest rows begin with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/change_steps.h"

namespace tarn::pipeline {

class LatestBatch {
public:
    // `kept`: the columns of the target as they are kept, where values are compared with what
    // stands in it; `scene` outlives it.
    explicit LatestBatch(const ChangeScene& scene, Columns kept = {})
        : scene_(scene), kept_(std::move(kept)) {}

    // Fills temporary tables from the staged batch.
    void Prepare();
    static std::vector<std::string_view> Temporaries();

    // SQL for its rows, one a key: keys and values, `__upsert` of the latest change that gave the
    // row values, `__delete` of the latest delete. Without an upsert the values mean nothing.
    const std::string& Rows() const { return rows_; }
    // The tie of the values as they are kept; dear, so only for rows that need it.
    std::string TieOf(std::string_view prefix) const;

private:
    // Of those keys that the batch changes once.
    std::string OfSingle() const;
    void MakeOfRepeated();

    const ChangeScene& scene_;
    const Columns kept_;
    std::string rows_;
};

}  // namespace tarn::pipeline
