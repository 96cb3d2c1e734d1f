// A statement as a history of statements keeps it: what kind it is, and its text without secrets.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace tarn::sql {

struct StatementKind {
    std::string name;         // "SELECT", "CREATE TABLE", "OPTIMIZE"; "OTHER": of no known word
    bool only_reads = false;  // nothing is changed when it is done
};

// Told by its first words; never throws.
StatementKind KindOf(std::string_view text, Dialect dialect = Dialect::kTarn);

// At most `most_bytes` of the text, cut at a character's start, with *** in place of texts and
// numbers that may be secret: those of CREATE SECRET, those that follow a name like `password`,
// `s3_secret_access_key` or `token`, and within texts the password of a URL and what follows
// `password=` and its like.
std::string WithoutSecrets(std::string_view text, size_t most_bytes,
                           Dialect dialect = Dialect::kTarn);

}  // namespace tarn::sql
