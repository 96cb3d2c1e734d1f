#include "sql/collation.h"

#include "base/error.h"
#include "base/text.h"

namespace tarn::sql {

void CheckCollation(std::string_view name, const TextPosition& position) {
    for (const char* of_bytes : {"UTF8_BINARY", "BINARY", "C", "POSIX"})
        if (EqualsIgnoreCase(name, of_bytes)) return;
    throw Error(ErrorKind::kUnsupported,
                "there is no collation {} in Tarn: texts are compared by their bytes, which is "
                "UTF8_BINARY; use lower(x) to compare without case",
                name)
        .At(SpotOf(position));
}

}  // namespace tarn::sql
