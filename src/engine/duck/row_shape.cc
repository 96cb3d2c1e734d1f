#include "engine/duck/row_shape.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

struct Mismatch {
    std::string field;  // as ALTER TABLE names it: "l.element.x"
    LogicalType type;
    bool is_lacking;  // the rows lack it; else the column does
};

std::optional<size_t> FindField(const LogicalType& type, const std::string& name) {
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    for (size_t i = 0; i < fields.size(); i++) {
        if (EqualsIgnoreCase(fields[i].first, name)) return i;
    }
    return std::nullopt;
}

bool IsList(const LogicalType& type) {
    return type.id() == LogicalTypeId::LIST || type.id() == LogicalTypeId::ARRAY;
}

const LogicalType& ElementOf(const LogicalType& type) {
    return type.id() == LogicalTypeId::LIST ? duckdb::ListType::GetChildType(type)
                                            : duckdb::ArrayType::GetChildType(type);
}

std::optional<Mismatch> FindMismatch(const LogicalType& given, const LogicalType& own,
                                     const std::string& name, bool may_lack);

std::optional<Mismatch> FindStructMismatch(const LogicalType& given, const LogicalType& own,
                                           const std::string& name, bool may_lack) {
    const auto& fields = duckdb::StructType::GetChildTypes(own);
    for (const auto& [field, type] : duckdb::StructType::GetChildTypes(given)) {
        const auto same = FindField(own, field);
        if (!same) return Mismatch{name + "." + field, type, false};
        auto found = FindMismatch(type, fields[*same].second, name + "." + field, may_lack);
        if (found) return found;
    }
    if (may_lack) return std::nullopt;
    for (const auto& [field, type] : fields) {
        if (!FindField(given, field)) return Mismatch{name + "." + field, type, true};
    }
    return std::nullopt;
}

std::optional<Mismatch> FindMismatch(const LogicalType& given, const LogicalType& own,
                                     const std::string& name, bool may_lack) {
    if (IsList(given) && IsList(own))
        return FindMismatch(ElementOf(given), ElementOf(own), name + ".element", may_lack);
    if (given.id() != own.id()) return std::nullopt;
    if (given.id() == LogicalTypeId::MAP) {
        auto found = FindMismatch(duckdb::MapType::KeyType(given), duckdb::MapType::KeyType(own),
                                  name + ".key", may_lack);
        if (found) return found;
        return FindMismatch(duckdb::MapType::ValueType(given), duckdb::MapType::ValueType(own),
                            name + ".value", may_lack);
    }
    if (!IsNamedStruct(given)) return std::nullopt;
    return FindStructMismatch(given, own, name, may_lack);
}

// How the table gets the column: an end of a sentence.
std::string HowToAdd(const RowTarget& target, const std::string& column, const LogicalType& type) {
    const bool is_known = type.id() != LogicalTypeId::INVALID &&
                          type.id() != LogicalTypeId::UNKNOWN &&
                          type.id() != LogicalTypeId::SQLNULL;
    std::string how = "ALTER TABLE " + target.table + " ADD COLUMN " + column + " " +
                      (is_known ? type.ToString() : "<type>") + " adds it";
    if (target.may_evolve) how = target.statement + " WITH SCHEMA EVOLUTION or " + how;
    return how;
}

Error AboutColumn(const RowTarget& target, const std::string& column, const LogicalType& type,
                  const std::string& message) {
    Error error = Error(ErrorKind::kInvalidInput, "{}: {}", target.table, message)
                      .With("table", target.table)
                      .With("column", column);
    if (type.id() == LogicalTypeId::INVALID) return error;
    return std::move(error).With("type", type.ToString());
}

std::string Typed(const std::string& column, const LogicalType& type) {
    return type.id() == LogicalTypeId::INVALID ? column : column + " of type " + type.ToString();
}

}  // namespace

bool IsNamedStruct(const LogicalType& type) {
    return type.id() == LogicalTypeId::STRUCT && !duckdb::StructType::IsUnnamed(type);
}

void CheckFields(const RowTarget& target, const std::string& column, const LogicalType& given,
                 const LogicalType& own) {
    const auto found = FindMismatch(given, own, column, target.evolves);
    if (!found) return;
    if (found->is_lacking) {
        std::string remedy = "give it, NULL where it has no value";
        if (target.may_evolve)
            remedy +=
                ", or " + target.statement + " WITH SCHEMA EVOLUTION, which takes NULL for it";
        throw AboutColumn(target, found->field, found->type,
                          "the rows of the " + target.statement + " lack the field " +
                              Typed(found->field, found->type) + ": " + remedy);
    }
    throw AboutColumn(target, found->field, found->type,
                      "the rows of the " + target.statement + " have a field " +
                          Typed(found->field, found->type) + " that column " + column +
                          " of type " + own.ToString() +
                          " lacks, and nothing is dropped without a "
                          "word: leave it out, or " +
                          HowToAdd(target, found->field, found->type));
}

Error UnknownColumn(const RowTarget& target, const std::string& column, const LogicalType& type) {
    return AboutColumn(target, column, type,
                       "the " + target.statement + " gives a column " + Typed(column, type) +
                           " that the table lacks: leave it out, or " +
                           HowToAdd(target, column, type));
}

Error UngivenColumn(const RowTarget& target, const std::string& source, const std::string& column,
                    const LogicalType& type) {
    std::string remedy = "list the columns that are given";
    if (target.may_evolve) remedy += ", or " + target.statement + " WITH SCHEMA EVOLUTION";
    return AboutColumn(target, column, type,
                       source + " of the " + target.statement + " has nothing for column " +
                           Typed(column, type) + ": " + remedy);
}

bool LacksFields(const LogicalType& given, const LogicalType& own) {
    if (!IsNamedStruct(given) || !IsNamedStruct(own)) return false;
    const auto& fields = duckdb::StructType::GetChildTypes(given);
    for (const auto& [field, type] : duckdb::StructType::GetChildTypes(own)) {
        const auto same = FindField(given, field);
        if (!same || LacksFields(fields[*same].second, type)) return true;
    }
    return false;
}

}  // namespace tarn::engine::duck
