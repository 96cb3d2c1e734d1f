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
    static Predicate IsNull(std::vector<std::string> column);
    static Predicate IsNotNull(std::vector<std::string> column);
    static Predicate And(std::vector<Predicate> parts);
    static Predicate Or(std::vector<Predicate> parts);
    static Predicate Not(Predicate part);

    Kind kind() const;
    const std::vector<std::string>& column() const;  // logical names, top-level column first
    Comparison comparison() const;
    const std::vector<Value>& constants() const;
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
