#include "engine/duck/pii_functions.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "duckdb/common/exception/binder_exception.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

// What the pseudonyms of one key are told apart by, so that none gives another away.
struct Pseudonym {
    const char* function;
    const char* purpose;
    const char* prefix;
    size_t bytes;  // of the 32 of the HMAC
};
constexpr Pseudonym kHash{"pii_hash", "hash", "", 32};
constexpr Pseudonym kToken{"pii_token", "token", "tok_", 16};

struct KeySource final : public duckdb::ScalarFunctionInfo {
    KeySource(PiiKeys of, const Pseudonym& made) : keys(std::move(of)), pseudonym(made) {}
    const PiiKeys keys;
    const Pseudonym& pseudonym;
};

struct KeyData final : public duckdb::FunctionData {
    KeyData(std::string of, const Pseudonym& made) : key(std::move(of)), pseudonym(made) {}
    duckdb::unique_ptr<FunctionData> Copy() const override {
        return duckdb::make_uniq<KeyData>(key, pseudonym);
    }
    bool Equals(const FunctionData& other) const override {
        const auto& data = other.Cast<KeyData>();
        return key == data.key && &pseudonym == &data.pseudonym;
    }
    const std::string key;
    const Pseudonym& pseudonym;
};

std::string KeyNamed(const std::string& name, const KeySource& source) {
    const auto key = source.keys ? source.keys(name) : std::nullopt;
    if (!key) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: there is no key `{}` here: set the environment variable {} to at least {} "
                    "random bytes (behind a door there are no keys: make a table of it)",
                    source.pseudonym.function, name, PiiKeyVariable(name), kLeastPiiKeyBytes);
    }
    if (key->size() < kLeastPiiKeyBytes) {
        throw Error(ErrorKind::kInvalidInput, "{}: the key `{}` has fewer than {} bytes",
                    source.pseudonym.function, name, kLeastPiiKeyBytes);
    }
    return *key;
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(
    duckdb::ClientContext& client, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        const auto& source = function.GetExtraFunctionInfo().Cast<KeySource>();
        if (arguments[1]->HasParameter()) throw duckdb::ParameterNotResolvedException();
        if (!arguments[1]->IsFoldable()) {
            throw Error(ErrorKind::kInvalidInput,
                        "{}: the name of the key is a text, the same for all rows",
                        source.pseudonym.function);
        }
        const auto name = duckdb::ExpressionExecutor::EvaluateScalar(client, *arguments[1]);
        // Whatever the value is, it is taken as the text that it shows as.
        function.arguments[0] = LogicalType::VARCHAR;
        return duckdb::make_uniq<KeyData>(
            KeyNamed(name.IsNull() ? std::string() : name.ToString(), source), source.pseudonym);
    });
}

void Compute(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
    const auto& bound = state.expr.Cast<duckdb::BoundFunctionExpression>();
    const auto& data = bound.bind_info->Cast<KeyData>();
    const Pseudonym& pseudonym = data.pseudonym;
    const std::string purpose = std::string(pseudonym.purpose) + '\0';
    duckdb::UnaryExecutor::Execute<duckdb::string_t, duckdb::string_t>(
        arguments.data[0], result, arguments.size(), [&](const duckdb::string_t& value) {
            const std::string digest =
                HmacSha256(data.key, purpose + std::string(value.GetData(), value.GetSize()));
            return duckdb::StringVector::AddString(
                result,
                pseudonym.prefix + Hex(std::string_view(digest).substr(0, pseudonym.bytes)));
        });
}

}  // namespace

void RegisterPiiFunctions(duckdb::DatabaseInstance& database, PiiKeys keys) {
    duckdb::ExtensionLoader loader(database, "tarn");
    for (const Pseudonym* pseudonym : {&kHash, &kToken}) {
        duckdb::ScalarFunction function(pseudonym->function,
                                        {LogicalType::ANY, LogicalType::VARCHAR},
                                        LogicalType::VARCHAR, Compute, Bind);
        function.SetExtraFunctionInfo<KeySource>(keys, *pseudonym);
        // Another run may have another key.
        function.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
        loader.RegisterFunction(function);
    }
}

}  // namespace tarn::engine::duck

namespace tarn::engine {

std::string PiiKeyVariable(const std::string& name) {
    std::string variable = "TARN_PII_KEY_" + AsciiUpper(name);
    std::replace_if(
        variable.begin(), variable.end(),
        [](char c) { return (c < 'A' || c > 'Z') && (c < '0' || c > '9'); }, '_');
    return variable;
}

}  // namespace tarn::engine
