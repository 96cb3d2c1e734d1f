// A condition on rows, held against what is known of a file without opening it: partition values
// and statistics. Pruning may keep a file that has no match, never drop one that has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "table/data_file.h"
#include "table/type.h"
#include "table/value.h"

namespace tarn::table {

// A condition on the values of some columns that only the engine can judge. Immutable, thread-safe.
class ValueCondition {
public:
    enum class Verdict { kTrue, kFalse, kNull, kUnknown };
    virtual ~ValueCondition() = default;
    // One value for each of the condition's columns, in their order.
    virtual Verdict Judge(const std::vector<Value>& values) const = 0;
    // For messages and EXPLAIN.
    virtual std::string ToString() const = 0;
};

enum class Comparison { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

// A tree of conditions over top-level or nested columns. Immutable; copying is cheap.
class Predicate {
public:
    enum class Kind {
        kTrue,
        kFalse,
        kCompare,
        kIn,
        kIsNull,
        kIsNotNull,
        kAnd,
        kOr,
        kNot,
        kWhere,
        kUnknown
    };

    Predicate();  // true: every row
    static Predicate True() { return Predicate(); }
    static Predicate False();
    // A condition that statistics cannot decide: keeps every file.
    static Predicate Unknown();
    static Predicate Compare(std::vector<std::string> column, Comparison comparison,
                             Value constant);
    static Predicate In(std::vector<std::string> column, std::vector<Value> constants);
    // Decides about files in which all of the columns are constant (partition columns), else
    // nothing.
    static Predicate Where(std::vector<std::vector<std::string>> columns,
                           std::shared_ptr<const ValueCondition> condition);
    static Predicate IsNull(std::vector<std::string> column);
    static Predicate IsNotNull(std::vector<std::string> column);
    static Predicate And(std::vector<Predicate> parts);
    static Predicate Or(std::vector<Predicate> parts);
    static Predicate Not(Predicate part);

    Kind kind() const;
    const std::vector<std::string>& column() const;  // logical names, top-level column first
    Comparison comparison() const;
    // Ascending where every two of them compare.
    const std::vector<Value>& constants() const;
    bool is_sorted() const;
    // Of Where; columns() are the logical names of each of its columns.
    const std::vector<std::vector<std::string>>& columns() const;
    const ValueCondition& condition() const;
    const std::vector<Predicate>& parts() const;
    bool IsTrue() const { return kind() == Kind::kTrue; }
    std::string ToString() const;

private:
    struct Node;
    explicit Predicate(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
    std::shared_ptr<const Node> node_;
};

// What is known of a file's column.
struct ColumnFacts {
    Value min;
    Value max;
    std::optional<uint64_t> null_count;
    std::optional<uint64_t> record_count;
    bool is_constant = false;  // a partition column: min is the value of every row (NULL included)
};

class FileFacts {
public:
    virtual ~FileFacts() = default;
    // Nothing is known: an empty ColumnFacts.
    virtual ColumnFacts Of(const std::vector<std::string>& column) const = 0;
};

// false: no row of the file can satisfy the predicate (SQL's three-valued logic: NULL does not
// satisfy).
bool MayMatch(const Predicate& predicate, const FileFacts& facts);

}  // namespace tarn::table
