#include "sql/statement.h"

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::sql {

bool QualifiedName::IsPath() const {
    return parts.size() == 2 && parts[1].find('/') != std::string::npos &&
           (EqualsIgnoreCase(parts[0], "delta") || EqualsIgnoreCase(parts[0], "iceberg"));
}

std::string QualifiedName::ToSql() const {
    std::string sql;
    for (const std::string& part : parts) sql += (sql.empty() ? "" : ".") + QuoteIdentifier(part);
    return sql;
}

std::string_view NameOf(StatementClass statement_class) {
    switch (statement_class) {
        case StatementClass::kQuery:
            return "query";
        case StatementClass::kInsert:
            return "insert";
        case StatementClass::kUpdate:
            return "update";
        case StatementClass::kDelete:
            return "delete";
        case StatementClass::kMerge:
            return "merge";
        case StatementClass::kCreateTable:
            return "create table";
        case StatementClass::kCreateView:
            return "create view";
        case StatementClass::kCreateSchema:
            return "create schema";
        case StatementClass::kDrop:
            return "drop";
        case StatementClass::kAlter:
            return "alter";
        case StatementClass::kCopy:
            return "copy";
        case StatementClass::kSet:
            return "set";
        case StatementClass::kBegin:
            return "begin";
        case StatementClass::kCommit:
            return "commit";
        case StatementClass::kRollback:
            return "rollback";
        case StatementClass::kExplain:
            return "explain";
        case StatementClass::kDescribe:
            return "describe";
        case StatementClass::kShow:
            return "show";
        case StatementClass::kUse:
            return "use";
        case StatementClass::kOther:
            return "other";
    }
    return "other";
}

bool TableClauses::HasAny() const {
    return format || location || comment || !partition_columns.empty() ||
           !cluster_columns.empty() || !properties.empty() || !column_comments.empty() ||
           !column_rules.empty() || !checks.empty();
}

Error Refusal(const KnownButUnsupported& statement) {
    return Error(ErrorKind::kUnsupported, "{} is not there yet{}{}", statement.statement,
                 statement.remedy.empty() ? "" : "; ", statement.remedy)
        .At(SpotOf(statement.position));
}

Error Refusal(const LoadExtension& statement) {
    return Error(ErrorKind::kUnsupported,
                 "the extension {} cannot be {}: Tarn runs with the extensions it was built with",
                 statement.name, statement.is_install ? "installed" : "loaded")
        .At(SpotOf(statement.position));
}

}  // namespace tarn::sql
