#include "format/variant_shredding.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::format {
namespace {

using Kind = Variant::Kind;

// Of the types that columns of Parquet have and that readers of shredded variants know.
bool CanBeShredded(Kind kind) {
    switch (kind) {
        case Kind::kBoolean:
        case Kind::kInteger:
        case Kind::kDecimal:
        case Kind::kFloat:
        case Kind::kDouble:
        case Kind::kDate:
        case Kind::kTimestamp:
        case Kind::kTimestampNtz:
        case Kind::kBinary:
        case Kind::kText:
        case Kind::kArray:
        case Kind::kObject:
            return true;
        default:
            return false;
    }
}

bool IsShare(double share, size_t part, size_t whole) {
    return static_cast<double>(part) >= share * static_cast<double>(whole);
}

}  // namespace

struct ShreddingSample::Node {
    struct Seen {
        size_t count = 0;
        uint8_t size_bytes = 0;  // the most
    };
    using KindAndScale = std::pair<Kind, uint8_t>;

    size_t count = 0;  // of values that are no null
    std::map<KindAndScale, Seen> seen;
    std::map<std::string, Node, std::less<>> fields;
    std::unique_ptr<Node> item;

    void See(const Variant& value) {
        count++;
        Seen& like = seen[{value.kind, value.scale}];
        like.count++;
        like.size_bytes = std::max(like.size_bytes, value.size_bytes);
    }

    ShreddedType Decide(size_t& leaves_left) const {
        ShreddedType type;
        const auto most = std::max_element(
            seen.begin(), seen.end(),
            [](const auto& a, const auto& b) { return a.second.count < b.second.count; });
        if (most == seen.end() || !CanBeShredded(most->first.first) || leaves_left == 0 ||
            !IsShare(kLeastAgreement, most->second.count, count))
            return type;
        const auto [kind, scale] = most->first;
        if (kind == Kind::kObject) return DecideObject(leaves_left);
        if (kind == Kind::kArray) {
            if (!item) return type;
            ShreddedType part = item->Decide(leaves_left);
            if (part.kind == Kind::kNull) return type;
            type.parts.push_back(std::move(part));
        } else {
            leaves_left--;
        }
        type.kind = kind;
        type.size_bytes = kind == Kind::kInteger ? 8 : most->second.size_bytes;
        type.scale = scale;
        return type;
    }

    // The keys that most objects have first, where not all get a column.
    ShreddedType DecideObject(size_t& leaves_left) const {
        std::map<std::string, int> in_lower_case;
        std::vector<std::pair<const std::string*, const Node*>> candidates;
        for (const auto& [key, field] : fields) {
            in_lower_case[AsciiLower(key)]++;
            candidates.emplace_back(&key, &field);
        }
        std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
            return a.second->count > b.second->count;
        });
        std::map<std::string, ShreddedType> chosen;
        for (const auto& [key, field] : candidates) {
            if (!IsShare(kLeastShare, field->count, count)) break;
            if (key->empty() || in_lower_case[AsciiLower(*key)] > 1) continue;
            ShreddedType part = field->Decide(leaves_left);
            if (part.kind != Kind::kNull) chosen.emplace(*key, std::move(part));
        }
        ShreddedType type;
        if (chosen.empty()) return type;
        type.kind = Kind::kObject;
        for (auto& [key, part] : chosen) {
            type.names.push_back(key);
            type.parts.push_back(std::move(part));
        }
        return type;
    }
};

ShreddingSample::ShreddingSample() : root_(std::make_unique<Node>()) {}
ShreddingSample::ShreddingSample(ShreddingSample&&) noexcept = default;
ShreddingSample::~ShreddingSample() = default;

void ShreddingSample::Add(const Variant& value) { Add(value, *root_, 0); }

void ShreddingSample::Add(const Variant& value, Node& node, int depth) {
    if (value.kind == Kind::kNull) return;
    node.See(value);
    if (depth == kMaxDepth) return;
    for (size_t i = 0; i < value.items.size(); ++i) {
        if (value.kind == Kind::kArray) {
            if (!node.item) node.item = std::make_unique<Node>();
            Add(value.items[i], *node.item, depth + 1);
            continue;
        }
        auto field = node.fields.find(value.keys[i]);
        if (field == node.fields.end()) {
            if (nodes_ == kMaxNodes) continue;
            nodes_++;
            field = node.fields.try_emplace(std::string(value.keys[i])).first;
        }
        Add(value.items[i], field->second, depth + 1);
    }
}

ShreddedType ShreddingSample::Decide() const {
    size_t leaves_left = kMaxLeaves;
    return root_->Decide(leaves_left);
}

bool Fits(const ShreddedType& type, const Variant& value) {
    if (type.kind == Kind::kNull || type.kind != value.kind) return false;
    if (type.kind != Kind::kDecimal) return true;
    return type.scale == value.scale && value.size_bytes <= type.size_bytes;
}

}  // namespace tarn::format
