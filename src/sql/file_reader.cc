#include "sql/file_reader.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::sql {
namespace {

constexpr FileReader kReaders[] = {
    {"PARQUET", "read_parquet($1)", "parquet"},
    {"JSON", "read_json($1)", "json"},
    {"TEXT",
     "(SELECT unnest(string_split(rtrim(content, chr(10)), chr(10))) AS value FROM read_text($1))",
     "txt"},
    {"CSV", "read_csv($1)", "csv"}};

// What Spark calls an option, and the engine; without the engine's it says what is so anyway.
struct Option {
    std::string_view format;
    std::string_view spark;  // in small letters
    std::string_view engine;
    bool is_truth;
};
constexpr Option kOptions[] = {{"CSV", "sep", "delim", false},
                               {"CSV", "delimiter", "delim", false},
                               {"CSV", "quote", "quote", false},
                               {"CSV", "escape", "escape", false},
                               {"CSV", "comment", "comment", false},
                               {"CSV", "nullvalue", "nullstr", false},
                               {"CSV", "multiline", "", true},
                               {"JSON", "multiline", "", true},
                               {"PARQUET", "mergeschema", "union_by_name", true}};

bool IsTrue(const std::string& value) { return EqualsIgnoreCase(value, "true"); }

const Option* FindOption(std::string_view format, std::string_view name) {
    for (const Option& option : kOptions) {
        if (option.format == format && option.spark == name) return &option;
    }
    return nullptr;
}

// ", header = true"
std::string ArgumentOf(const FileReader& reader, const std::string& key, const std::string& value) {
    const Option* const option = FindOption(reader.format, AsciiLower(key));
    if (option == nullptr) {
        throw Error(ErrorKind::kUnsupported,
                    "the option {} of {} files is not known here: leave it out, or read them with "
                    "SELECT * FROM read_{}(...)",
                    key, AsciiLower(reader.format), AsciiLower(reader.format));
    }
    if (option->engine.empty()) return {};
    const std::string text =
        option->is_truth ? (IsTrue(value) ? "true" : "false") : QuoteLiteral(value);
    return fmt::format(", {} = {}", option->engine, text);
}

}  // namespace

const FileReader* FindFileReader(std::string_view format) {
    for (const FileReader& reader : kReaders) {
        if (EqualsIgnoreCase(reader.format, format)) return &reader;
    }
    return nullptr;
}

std::string FilesBelow(std::string path, const FileReader& reader) {
    const size_t slash = path.rfind('/');
    const size_t dot = path.rfind('.');
    const bool is_file = path.find('*') != std::string::npos ||
                         (dot != std::string::npos && (slash == std::string::npos || dot > slash));
    if (is_file) return path;
    while (path.ends_with('/')) path.pop_back();
    return path + "/**/*." + std::string(reader.ending);
}

std::string FileQuery(const FileReader& reader, const std::map<std::string, std::string>& options) {
    std::string path;
    std::string arguments;
    const bool is_csv = reader.format == "CSV";
    bool has_header = !is_csv;
    bool infers = !is_csv;
    for (const auto& [key, value] : options) {
        if (EqualsIgnoreCase(key, "path")) {
            path = value;
        } else if (is_csv && EqualsIgnoreCase(key, "inferSchema")) {
            infers = IsTrue(value);
        } else if (is_csv && EqualsIgnoreCase(key, "header")) {
            has_header = IsTrue(value);
        } else if (!is_csv || !EqualsIgnoreCase(key, "mode") ||
                   !EqualsIgnoreCase(value, "FAILFAST")) {
            arguments += ArgumentOf(reader, key, value);
        }
    }
    if (path.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "a view over files says where they lie: OPTIONS (path '/folder')");
    }
    if (!infers) arguments += ", all_varchar = true";
    if (is_csv) arguments += has_header ? ", header = true" : ", header = false";
    const std::string columns = has_header ? "*" : R"(COLUMNS('column0*(\d+)') AS '_c\1')";
    std::string call(reader.call);
    call.replace(call.find("$1"), 2, QuoteLiteral(FilesBelow(std::move(path), reader)) + arguments);
    return "SELECT " + columns + " FROM " + call;
}

}  // namespace tarn::sql
