#include "engine/duck/spark_random.h"

#include <atomic>
#include <bit>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "base/random.h"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/execution/expression_executor_state.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/expression_builder.h"
#include "engine/duck/spark_casts.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

// Murmur3 of eight bytes, the first word first.
uint32_t Murmur(uint32_t first, uint32_t second, uint32_t seed) {
    uint32_t hash = seed;
    for (uint32_t word : {first, second}) {
        word = std::rotl(word * 0xcc9e2d51U, 15) * 0x1b873593U;
        hash = std::rotl(hash ^ word, 13) * 5 + 0xe6546b64U;
    }
    hash ^= 8U;
    hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
    return hash ^ (hash >> 16);
}

uint32_t Swapped(uint32_t word) { return __builtin_bswap32(word); }

int64_t Scrambled(int64_t seed) {
    constexpr uint32_t kArraySeed = 0x3c074a61U;
    const auto bits = static_cast<uint64_t>(seed);
    const uint32_t first = Swapped(static_cast<uint32_t>(bits >> 32));
    const uint32_t second = Swapped(static_cast<uint32_t>(bits));
    const uint32_t low = Murmur(first, second, kArraySeed);
    const uint32_t high = Murmur(first, second, low);
    return static_cast<int64_t>((static_cast<uint64_t>(high) << 32) | low);
}

// The seed, and how many threads have begun to draw: each has numbers of its own.
struct Seed final : public duckdb::FunctionData {
    explicit Seed(int64_t of) : seed(of), threads(std::make_shared<std::atomic<int64_t>>(0)) {}
    duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<Seed>(seed); }
    bool Equals(const FunctionData& other) const override {
        return seed == other.Cast<Seed>().seed;
    }
    const int64_t seed;
    const std::shared_ptr<std::atomic<int64_t>> threads;
};

struct Drawing final : public duckdb::FunctionLocalState {
    explicit Drawing(int64_t seed) : random(seed) {}
    SparkRandom random;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> Begin(duckdb::ExpressionState&,
                                                     const duckdb::BoundFunctionExpression&,
                                                     duckdb::FunctionData* data) {
    const auto& seed = data->Cast<Seed>();
    return duckdb::make_uniq<Drawing>(seed.seed + seed.threads->fetch_add(1));
}

SparkRandom& RandomOf(duckdb::ExpressionState& state) {
    return duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<Drawing>().random;
}

// The seed is the last argument, a constant.
duckdb::unique_ptr<duckdb::FunctionData> BindSeed(
    duckdb::ClientContext& client, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    if (!arguments.back()->IsFoldable())
        ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "the seed must be a constant"));
    const Value seed = duckdb::ExpressionExecutor::EvaluateScalar(client, *arguments.back());
    duckdb::Function::EraseArgument(function, arguments, arguments.size() - 1);
    return duckdb::make_uniq<Seed>(
        seed.IsNull() ? 0 : seed.DefaultCastAs(LogicalType::BIGINT).GetValue<int64_t>());
}

// No seed: one by chance.
duckdb::unique_ptr<duckdb::FunctionData> BindChance(
    duckdb::ClientContext&, duckdb::ScalarFunction&,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>&) {
    return duckdb::make_uniq<Seed>(static_cast<int64_t>(RealRandom().Next()));
}

// uniform(low, high) as (low, high, a double in [0, 1)): of whole numbers a whole one.
ExpressionPtr BindUniform(duckdb::FunctionBindExpressionInput& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr low = WithOwnType(input.context, std::move(input.children[0]));
    ExpressionPtr high = WithOwnType(input.context, std::move(input.children[1]));
    LogicalType type =
        LogicalType::MaxLogicalType(input.context, low->return_type, high->return_type);
    const bool has_decimal = type.id() == duckdb::LogicalTypeId::DECIMAL;
    if (has_decimal && low->return_type.id() == type.id()) type = low->return_type;
    if (has_decimal && high->return_type.id() == type.id()) type = high->return_type;
    if (!type.IsNumeric()) type = LogicalType::DOUBLE;
    low = SparkCast(input.context, std::move(low), LogicalType::DOUBLE, false);
    high = SparkCast(input.context, std::move(high), LogicalType::DOUBLE, false);
    ExpressionPtr span = make.Call("-", std::move(high), low->Copy());
    ExpressionPtr drawn = make.Call("+", std::move(low),
                                    make.Call("*", std::move(span), std::move(input.children[2])));
    return SparkCast(input.context, std::move(drawn), type, false);
}

template <double (SparkRandom::*draw)()>
void Draw(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
    SparkRandom& random = RandomOf(state);
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++)
        duckdb::FlatVector::GetData<double>(result)[row] = (random.*draw)();
}

std::string Letters(SparkRandom& random, int32_t length) {
    constexpr std::string_view kLetters =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string text;
    for (int32_t i = 0; i < length; ++i) {
        const auto place = std::abs(int64_t{random.Int()} % static_cast<int64_t>(kLetters.size()));
        text += kLetters[static_cast<size_t>(place)];
    }
    return text;
}

// (length)
void DrawTexts(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
               duckdb::Vector& result) {
    constexpr int32_t kMost = 1 << 20;
    SparkRandom& random = RandomOf(state);
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value length = arguments.data[0].GetValue(row);
        const int32_t size = length.IsNull() ? 0 : length.GetValue<int32_t>();
        if (size < 0 || size > kMost) {
            ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                                "randstr takes a length from 0 to {}, not {}", kMost, size));
        }
        result.SetValue(row, Value(Letters(random, size)));
    }
}

}  // namespace

SparkRandom::SparkRandom(int64_t seed) : state_(Scrambled(seed)) {}

int32_t SparkRandom::Next(int bits) {
    auto next = static_cast<uint64_t>(state_);
    next ^= next << 21;
    next ^= next >> 35;
    next ^= next << 4;
    state_ = static_cast<int64_t>(next);
    return static_cast<int32_t>(next & ((uint64_t{1} << bits) - 1));
}

double SparkRandom::Double() {
    const int64_t high = int64_t{Next(26)} << 27;
    return static_cast<double>(high + Next(27)) * 0x1.0p-53;
}

// The polar method, of which each draw gives two.
double SparkRandom::Gaussian() {
    if (gaussian_) return *std::exchange(gaussian_, std::nullopt);
    double left = 0;
    double right = 0;
    double square = 0;
    do {
        left = 2 * Double() - 1;
        right = 2 * Double() - 1;
        square = left * left + right * right;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    gaussian_ = right * factor;
    return left * factor;
}

void RegisterSparkRandom(duckdb::ExtensionLoader& loader) {
    const LogicalType whole = LogicalType::INTEGER;
    const LogicalType seed = LogicalType::BIGINT;
    duckdb::ScalarFunction functions[] = {
        duckdb::ScalarFunction("spark_rand", {seed}, LogicalType::DOUBLE,
                               Draw<&SparkRandom::Double>, BindSeed),
        duckdb::ScalarFunction("spark_randn", {seed}, LogicalType::DOUBLE,
                               Draw<&SparkRandom::Gaussian>, BindSeed),
        duckdb::ScalarFunction("spark_randstr", {whole, seed}, LogicalType::VARCHAR, DrawTexts,
                               BindSeed),
        duckdb::ScalarFunction("spark_any_randstr", {whole}, LogicalType::VARCHAR, DrawTexts,
                               BindChance)};
    for (duckdb::ScalarFunction& function : functions) {
        function.SetInitStateCallback(Begin);
        function.SetVolatile();
        function.SetFallible();
        loader.RegisterFunction(function);
    }
    RegisterRewritten(loader, "spark_uniform", 3, BindUniform);
}

}  // namespace tarn::engine::duck
