// Bound expressions put together by hand, for functions that are bound as other expressions.
#pragma once

#include <string>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression.hpp"

namespace tarn::engine::duck {

using ExpressionPtr = duckdb::unique_ptr<duckdb::Expression>;

class ExpressionBuilder {
public:
    explicit ExpressionBuilder(duckdb::ClientContext& client) : client_(client) {}

    static ExpressionPtr Constant(duckdb::Value value);
    ExpressionPtr Cast(ExpressionPtr value, const duckdb::LogicalType& type,
                       bool tries = false) const;
    // A call of the engine's own function or operator.
    template <class... Arguments>
    ExpressionPtr Call(const std::string& function, Arguments... arguments) const {
        duckdb::vector<ExpressionPtr> children;
        (children.push_back(std::move(arguments)), ...);
        return CallOf(function, std::move(children));
    }
    ExpressionPtr Compare(duckdb::ExpressionType comparison, ExpressionPtr left,
                          ExpressionPtr right) const;
    ExpressionPtr Not(ExpressionPtr truth) const;
    ExpressionPtr IsNull(ExpressionPtr value) const;
    ExpressionPtr CallOf(const std::string& function, duckdb::vector<ExpressionPtr> children) const;
    // `then` and `otherwise` are cast to one type, that of `otherwise`.
    ExpressionPtr Case(ExpressionPtr when, ExpressionPtr then, ExpressionPtr otherwise) const;
    // Fails with the text, InvalidInput, when it is evaluated.
    ExpressionPtr Failure(ExpressionPtr text, const duckdb::LogicalType& type) const;
    ExpressionPtr Failure(const std::string& text, const duckdb::LogicalType& type) const;

private:
    duckdb::ClientContext& client_;
};

// The function behind Failure.
void RegisterFailure(duckdb::ExtensionLoader& loader);

// A function of so many arguments of any type, -1 for one or more, -2 for two or more, that is
// bound as another expression. A NULL among the arguments does not yet say that the answer is NULL.
void RegisterRewritten(duckdb::ExtensionLoader& loader, const char* name, int count,
                       duckdb::function_bind_expression_t bind);

// A literal's type as it is once it stands in no expression that gives it one.
ExpressionPtr WithOwnType(duckdb::ClientContext& client, ExpressionPtr expression);
// So of a call that is bound; it is taken from there.
ExpressionPtr ArgumentOf(duckdb::FunctionBindExpressionInput& input, size_t i);

}  // namespace tarn::engine::duck
