// The answers of several statements that the user wrote as one: their rows one after the other,
// what they did added up.
#pragma once

#include <memory>
#include <vector>

#include "engine/session.h"

namespace tarn::engine::duck {

class SeveralResults final : public Result {
public:
    // At least one, all of the same columns.
    explicit SeveralResults(std::vector<std::unique_ptr<Result>> results)
        : results_(std::move(results)) {}

    const std::vector<ColumnInfo>& Columns() const override { return results_.front()->Columns(); }
    bool HasRows() const override { return results_.front()->HasRows(); }
    void GetArrowSchema(ArrowSchema* out) override { results_.front()->GetArrowSchema(out); }
    bool NextArrow(ArrowArray* out) override;
    bool NextText(std::vector<TextRow>& rows) override;
    const StatementStats& Stats() const override;
    const std::vector<std::string>& Notices() const override;

private:
    std::vector<std::unique_ptr<Result>> results_;
    size_t at_ = 0;
    mutable StatementStats stats_;
    mutable std::vector<std::string> notices_;
};

}  // namespace tarn::engine::duck
