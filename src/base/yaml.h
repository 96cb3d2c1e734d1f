// Configuration text (YAML 1.2 as yaml-cpp reads it) with places: every mistake is InvalidInput at
// file, line and column and says what was expected. Values are immutable views of one parsed
// document.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tarn {

class YamlNode {
public:
    // Parses the text of `file` (a name for messages only). `${NAME}` in a scalar is replaced by
    // the environment variable; an unset one is InvalidInput; `$${` stands for `${`. Duplicate keys
    // and more than one document are refused.
    static YamlNode Parse(std::string_view text, std::string file);

    bool IsNull() const;
    bool IsMap() const;
    bool IsList() const;
    bool IsScalar() const;
    TextSpot Spot() const;

    // Of a map. Throws InvalidInput when this is no map.
    bool Has(std::string_view key) const;
    YamlNode At(std::string_view key) const;  // missing: InvalidInput naming the key
    std::optional<YamlNode> Find(std::string_view key) const;       // missing or null: nothing
    std::vector<std::pair<std::string, YamlNode>> Entries() const;  // in the order of the file
    // Refuses a key outside `known`, naming the nearest known one.
    void OnlyKeys(const std::vector<std::string>& known) const;

    // Of a list. A null is an empty list.
    std::vector<YamlNode> Items() const;

    // Of a scalar. The wrong type is InvalidInput.
    std::string AsString() const;
    int64_t AsInt() const;
    double AsDouble() const;
    bool AsBool() const;
    std::vector<std::string> AsStrings()
        const;  // a list of scalars, or one scalar as a list of one
    // Refuses a scalar outside `allowed`, naming the nearest one.
    std::string AsOneOf(const std::vector<std::string>& allowed) const;

    std::string StringOr(std::string_view key, std::string fallback) const;
    int64_t IntOr(std::string_view key, int64_t fallback) const;
    bool BoolOr(std::string_view key, bool fallback) const;

    // The value as JSON text (scalars typed as YAML's core schema types them), for handing on.
    std::string ToJson() const;

    // An InvalidInput at this node's place.
    Error Mistake(std::string message) const;

private:
    struct Document;
    struct Impl;
    explicit YamlNode(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

}  // namespace tarn
