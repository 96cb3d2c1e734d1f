#include "sql/dialect.h"

#include "base/error.h"
#include "base/text.h"

namespace tarn::sql {

std::string_view NameOf(Dialect dialect) { return dialect == Dialect::kSpark ? "spark" : "tarn"; }

Dialect DialectNamed(std::string_view name) {
    for (const Dialect dialect : {Dialect::kTarn, Dialect::kSpark}) {
        if (EqualsIgnoreCase(name, NameOf(dialect))) return dialect;
    }
    throw Error(ErrorKind::kInvalidInput, "{} is no dialect: use tarn or spark", name);
}

}  // namespace tarn::sql
