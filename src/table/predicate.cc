#include "table/predicate.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/text.h"

namespace tarn::table {

struct Predicate::Node {
    Kind kind = Kind::kTrue;
    std::vector<std::string> column;
    Comparison comparison = Comparison::kEqual;
    std::vector<Value> constants;
    bool is_sorted = false;
    std::vector<Predicate> parts;
    std::vector<std::vector<std::string>> columns;
    std::shared_ptr<const ValueCondition> condition;
};

namespace {

std::string_view SymbolOf(Comparison comparison) {
    switch (comparison) {
        case Comparison::kEqual:
            return "=";
        case Comparison::kNotEqual:
            return "<>";
        case Comparison::kLess:
            return "<";
        case Comparison::kLessEqual:
            return "<=";
        case Comparison::kGreater:
            return ">";
        case Comparison::kGreaterEqual:
            return ">=";
    }
    return "?";
}

// false: some two of the values do not compare, and their order is as given.
bool Sort(std::vector<Value>& values) {
    const bool compare = std::all_of(values.begin(), values.end(), [&](const Value& value) {
        return Compare(value, values.front()).has_value();
    });
    if (!compare) return false;
    std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) {
        return Compare(a, b) == std::strong_ordering::less;
    });
    return true;
}

}  // namespace

Predicate::Predicate() {
    static const auto always = std::make_shared<const Node>();
    node_ = always;
}

Predicate Predicate::False() {
    Node node;
    node.kind = Kind::kFalse;
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::Unknown() {
    Node node;
    node.kind = Kind::kUnknown;
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::Compare(std::vector<std::string> column, Comparison comparison,
                             Value constant) {
    Node node;
    node.kind = Kind::kCompare;
    node.column = std::move(column);
    node.comparison = comparison;
    node.constants.push_back(std::move(constant));
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::In(std::vector<std::string> column, std::vector<Value> constants) {
    if (constants.empty()) return False();
    Node node;
    node.kind = Kind::kIn;
    node.column = std::move(column);
    node.is_sorted = Sort(constants);
    node.constants = std::move(constants);
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::Where(std::vector<std::vector<std::string>> columns,
                           std::shared_ptr<const ValueCondition> condition) {
    Node node;
    node.kind = Kind::kWhere;
    node.columns = std::move(columns);
    node.condition = std::move(condition);
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::IsNull(std::vector<std::string> column) {
    Node node;
    node.kind = Kind::kIsNull;
    node.column = std::move(column);
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::IsNotNull(std::vector<std::string> column) {
    Node node;
    node.kind = Kind::kIsNotNull;
    node.column = std::move(column);
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::And(std::vector<Predicate> parts) {
    Node node;
    node.kind = Kind::kAnd;
    for (Predicate& part : parts) {
        if (part.kind() == Kind::kFalse) return part;
        if (part.kind() == Kind::kAnd) {
            node.parts.insert(node.parts.end(), part.parts().begin(), part.parts().end());
        } else if (!part.IsTrue()) {
            node.parts.push_back(std::move(part));
        }
    }
    if (node.parts.empty()) return True();
    if (node.parts.size() == 1) return node.parts[0];
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::Or(std::vector<Predicate> parts) {
    Node node;
    node.kind = Kind::kOr;
    for (Predicate& part : parts) {
        if (part.IsTrue()) return part;
        if (part.kind() == Kind::kOr) {
            node.parts.insert(node.parts.end(), part.parts().begin(), part.parts().end());
        } else if (part.kind() != Kind::kFalse) {
            node.parts.push_back(std::move(part));
        }
    }
    if (node.parts.empty()) return False();
    if (node.parts.size() == 1) return node.parts[0];
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate Predicate::Not(Predicate part) {
    if (part.IsTrue()) return False();
    if (part.kind() == Kind::kFalse) return True();
    if (part.kind() == Kind::kNot) return part.parts()[0];
    Node node;
    node.kind = Kind::kNot;
    node.parts.push_back(std::move(part));
    return Predicate(std::make_shared<const Node>(std::move(node)));
}

Predicate::Kind Predicate::kind() const { return node_->kind; }
const std::vector<std::string>& Predicate::column() const { return node_->column; }
Comparison Predicate::comparison() const { return node_->comparison; }
const std::vector<Value>& Predicate::constants() const { return node_->constants; }
bool Predicate::is_sorted() const { return node_->is_sorted; }
const std::vector<std::vector<std::string>>& Predicate::columns() const { return node_->columns; }
const ValueCondition& Predicate::condition() const { return *node_->condition; }
const std::vector<Predicate>& Predicate::parts() const { return node_->parts; }

std::string Predicate::ToString() const {
    const std::string name = Join(node_->column, ".");
    std::vector<std::string> texts;
    for (const Value& constant : node_->constants) texts.push_back(table::ToString(constant));
    for (const Predicate& part : node_->parts) texts.push_back(part.ToString());
    switch (node_->kind) {
        case Kind::kTrue:
            return "true";
        case Kind::kFalse:
            return "false";
        case Kind::kUnknown:
            return "unknown";
        case Kind::kCompare:
            return fmt::format("{} {} {}", name, SymbolOf(node_->comparison), texts[0]);
        case Kind::kIn:
            return fmt::format("{} IN ({})", name, Join(texts, ", "));
        case Kind::kIsNull:
            return name + " IS NULL";
        case Kind::kIsNotNull:
            return name + " IS NOT NULL";
        case Kind::kAnd:
            return "(" + Join(texts, " AND ") + ")";
        case Kind::kOr:
            return "(" + Join(texts, " OR ") + ")";
        case Kind::kNot:
            return "NOT " + texts[0];
        case Kind::kWhere:
            return node_->condition->ToString();
    }
    return "unknown";
}

}  // namespace tarn::table
