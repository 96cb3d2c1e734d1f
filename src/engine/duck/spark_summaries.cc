#include "engine/duck/spark_summaries.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/duck/errors.h"
#include "engine/duck/scalar_adapter.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using Values = duckdb::vector<Value>;
using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

constexpr size_t kBitmapBytes = 4096;

// java.util.Random, by which Spark chooses among bins that are equally near.
class JavaRandom {
public:
    explicit JavaRandom(int64_t seed) : state_((static_cast<uint64_t>(seed) ^ kFactor) & kMask) {}
    double Double() {
        const uint64_t high = Next(26) << 27;
        return static_cast<double>(high + Next(27)) * 0x1.0p-53;
    }

private:
    static constexpr uint64_t kFactor = 0x5DEECE66DULL;
    static constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;
    uint64_t Next(int bits) {
        state_ = (state_ * kFactor + 0xB) & kMask;
        return state_ >> (48 - bits);
    }
    uint64_t state_;
};

struct Bin {
    double x;
    double count;
};

// At most so many bins; where there are more, the two that are nearest become one.
class Histogram {
public:
    explicit Histogram(size_t most) : most_(most) {}

    void Add(double value) {
        const auto at = std::lower_bound(bins_.begin(), bins_.end(), value,
                                         [](const Bin& bin, double x) { return bin.x < x; });
        if (at != bins_.end() && at->x == value) {
            at->count += 1;
            return;
        }
        bins_.insert(at, {value, 1});
        if (bins_.size() > most_) Merge();
    }
    const std::vector<Bin>& bins() const { return bins_; }

private:
    void Merge() {
        double least = bins_[1].x - bins_[0].x;
        size_t at = 0;
        int equal = 1;
        for (size_t i = 1; i + 1 < bins_.size(); ++i) {
            const double distance = bins_[i + 1].x - bins_[i].x;
            if (distance < least) {
                least = distance;
                at = i;
                equal = 1;
            } else if (distance == least && random_.Double() <= 1.0 / ++equal) {
                at = i;
            }
        }
        Bin& bin = bins_[at];
        const Bin& next = bins_[at + 1];
        const double count = bin.count + next.count;
        bin.x = bin.x * (bin.count / count) + next.x * (next.count / count);
        bin.count = count;
        bins_.erase(bins_.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }

    size_t most_;
    std::vector<Bin> bins_;
    JavaRandom random_{31183};
};

const Values& Items(const Value& list) { return duckdb::ListValue::GetChildren(list); }

// Of records of a value and the number of bins.
Value NumericHistogram(const Value& list, const LogicalType& type) {
    constexpr int64_t kMostBins = 1'000'000;
    constexpr int64_t kLeastBins = 2;
    const LogicalType& bin_type = duckdb::ListType::GetChildType(type);
    const LogicalType& x_type = duckdb::StructType::GetChildType(bin_type, 0);
    std::optional<Histogram> histogram;
    for (const Value& item : Items(list)) {
        const Values& pair = duckdb::StructValue::GetChildren(item);
        if (pair[0].IsNull() || pair[1].IsNull()) continue;
        if (!histogram) {
            const auto bins = pair[1].GetValue<int64_t>();
            if (bins < kLeastBins || bins > kMostBins) {
                throw Error(ErrorKind::kInvalidInput,
                            "histogram_numeric takes from {} to {} bins, not {}", kLeastBins,
                            kMostBins, bins);
            }
            histogram.emplace(static_cast<size_t>(bins));
        }
        histogram->Add(pair[0].DefaultCastAs(LogicalType::DOUBLE).GetValue<double>());
    }
    if (!histogram) return Value(type);
    Values bins;
    for (const Bin& bin : histogram->bins()) {
        const double x = x_type.IsIntegral() ? std::trunc(bin.x) : bin.x;
        bins.push_back(Value::STRUCT(
            bin_type, {Value::DOUBLE(x).DefaultCastAs(x_type), Value::DOUBLE(bin.count)}));
    }
    return Value::LIST(bin_type, std::move(bins));
}

Value BitmapOf(const Value& list, const LogicalType&) {
    std::string bits(kBitmapBytes, '\0');
    for (const Value& item : Items(list)) {
        if (item.IsNull()) continue;
        const auto place = item.GetValue<int64_t>();
        if (place < 0 || place >= static_cast<int64_t>(kBitmapBytes * 8)) {
            throw Error(ErrorKind::kInvalidInput,
                        "a bitmap has places from 0 to {}, not {}: take bitmap_bit_position",
                        kBitmapBytes * 8 - 1, place);
        }
        const auto byte = static_cast<size_t>(place / 8);
        bits[byte] = static_cast<char>(bits[byte] | (1 << (place % 8)));
    }
    return Value::BLOB_RAW(bits);
}

template <bool any>
Value Combined(const Value& list, const LogicalType&) {
    std::string bits(kBitmapBytes, any ? '\0' : '\xFF');
    for (const Value& item : Items(list)) {
        if (item.IsNull()) continue;
        const std::string& more = duckdb::StringValue::Get(item);
        for (size_t i = 0; i < bits.size(); ++i) {
            const char one = i < more.size() ? more[i] : '\0';
            bits[i] = static_cast<char>(any ? bits[i] | one : bits[i] & one);
        }
    }
    return Value::BLOB_RAW(bits);
}

int64_t BitmapCount(Bytes bitmap) {
    int64_t count = 0;
    for (const char byte : bitmap.data) count += std::popcount(static_cast<unsigned char>(byte));
    return count;
}

// Words by sentence, without what stands between them.
Value Sentences(const Value& text, const LogicalType& type) {
    const std::string& all = duckdb::StringValue::Get(text);
    Values sentences;
    Values words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) words.emplace_back(std::exchange(word, ""));
    };
    const auto end_sentence = [&] {
        end_word();
        if (!words.empty())
            sentences.push_back(Value::LIST(LogicalType::VARCHAR, std::exchange(words, {})));
    };
    const auto is_word = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
    };
    for (size_t i = 0; i < all.size(); ++i) {
        const char c = all[i];
        const bool goes_on = i + 1 < all.size() && is_word(all[i + 1]);
        const bool is_within = (c == '\'' || c == '.' || c == ',') && !word.empty() && goes_on;
        if (is_word(c) || is_within) {
            word += c;
        } else if (c == '.' || c == '!' || c == '?') {
            end_sentence();
        } else {
            end_word();
        }
    }
    end_sentence();
    return Value::LIST(duckdb::ListType::GetChildType(type), std::move(sentences));
}

template <Value (*give)(const Value&, const LogicalType&)>
void Run(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    const LogicalType type = result.GetType();
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value value = arguments.data[0].GetValue(row);
        result.SetValue(row,
                        value.IsNull() ? Value(type) : Guarded([&] { return give(value, type); }));
    }
}

// The list's records are of the value and the number of bins.
duckdb::unique_ptr<duckdb::FunctionData> BindHistogram(duckdb::ClientContext&,
                                                       duckdb::ScalarFunction& function,
                                                       Arguments& arguments) {
    const LogicalType list = arguments[0]->return_type;
    const LogicalType x = duckdb::StructType::GetChildType(duckdb::ListType::GetChildType(list), 0);
    function.arguments = {list};
    function.SetReturnType(
        LogicalType::LIST(LogicalType::STRUCT({{"x", x}, {"y", LogicalType::DOUBLE}})));
    return nullptr;
}

}  // namespace

void RegisterSparkSummaries(duckdb::ExtensionLoader& loader) {
    const LogicalType blob = LogicalType::BLOB;
    const LogicalType text = LogicalType::VARCHAR;
    duckdb::ScalarFunction functions[] = {
        duckdb::ScalarFunction("spark_bitmap_of", {LogicalType::LIST(LogicalType::BIGINT)}, blob,
                               Run<BitmapOf>),
        duckdb::ScalarFunction("spark_bitmap_or", {LogicalType::LIST(blob)}, blob,
                               Run<Combined<true>>),
        duckdb::ScalarFunction("spark_bitmap_and", {LogicalType::LIST(blob)}, blob,
                               Run<Combined<false>>),
        duckdb::ScalarFunction("spark_sentences", {text},
                               LogicalType::LIST(LogicalType::LIST(text)), Run<Sentences>),
        duckdb::ScalarFunction("spark_numeric_histogram", {LogicalType::ANY}, LogicalType::ANY,
                               Run<NumericHistogram>, BindHistogram),
        Adapted<BitmapCount>("spark_bitmap_count")};
    for (duckdb::ScalarFunction& function : functions) {
        function.SetFallible();
        loader.RegisterFunction(function);
    }
}

}  // namespace tarn::engine::duck
