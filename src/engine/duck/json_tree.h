// JSON texts as trees, read as leniently as Spark does: names and texts also in single quotes, and
// what follows the first value is left out. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::engine::duck {

enum class JsonKind { kNull, kBoolean, kWhole, kFraction, kText, kArray, kObject };

struct JsonTree {
    JsonKind kind = JsonKind::kNull;
    std::string text;                // true or false, the digits as written, or the text's meaning
    std::vector<std::string> names;  // of an object's members, in their order
    std::vector<JsonTree> items;     // members of an object, elements of an array

    // The first member of that name; null for another kind.
    const JsonTree* Member(std::string_view name) const;
};

inline constexpr int kMaxJsonDepth = 500;

// Nothing for what is no JSON, or is nested deeper than kMaxJsonDepth.
std::optional<JsonTree> ReadJson(std::string_view text);
// Without white space; numbers with a fraction as Java writes them.
void AppendJson(std::string& out, const JsonTree& tree);
// As a value of SQL's: a text as it is, all else as JSON; nothing for null.
std::optional<std::string> JsonAsText(const JsonTree& tree);

// $.a.b[0]['c'][*]
class JsonPath {
public:
    struct Step {
        std::optional<std::string> name;
        std::optional<size_t> index;  // neither: all elements
    };

    // Nothing for what is no path.
    static std::optional<JsonPath> Parse(std::string_view path);
    std::optional<std::string> Find(const JsonTree& tree) const;
    const std::vector<Step>& steps() const { return steps_; }
    bool HasWildcard() const { return has_wildcard_; }

private:
    void Collect(const JsonTree& tree, size_t step, std::vector<const JsonTree*>& found) const;

    std::vector<Step> steps_;
    bool has_wildcard_ = false;
};

// Spark's type of the value, as DDL: STRUCT<a: BIGINT>.
std::string JsonSchema(const JsonTree& tree);

}  // namespace tarn::engine::duck
