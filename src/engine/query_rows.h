// For tests: the answer of a query as a source of rows. Not thread-safe.
#pragma once

#include <memory>

#include "engine/session.h"
#include "table/rows.h"

namespace tarn::engine {

class QueryRows final : public table::RowSource {
public:
    explicit QueryRows(std::unique_ptr<Result> result) : result_(std::move(result)) {}
    void GetSchema(ArrowSchema* out) override { result_->GetArrowSchema(out); }
    bool Next(ArrowArray* out) override { return result_->NextArrow(out); }

private:
    std::unique_ptr<Result> result_;
};

}  // namespace tarn::engine
