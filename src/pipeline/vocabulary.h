// The words of a project: keys of its YAML, settings of config(...), what templates may call, the
// laws of the layers. The parsers read these tables, and so does the reference page. Immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::pipeline {

// The version of dbt whose language this is, and whose artifacts are written.
inline constexpr const char* kDbtVersion = "1.11.6";

struct Word {
    std::string_view name;
    std::string_view meaning;  // one line
};

const std::vector<Word>& ModelKeys();          // of an entry below `models:`
const std::vector<Word>& ColumnKeys();         // of an entry below `columns:`
const std::vector<Word>& ConfigKeys();         // of `config:` and config(...)
const std::vector<Word>& TemplateFunctions();  // what the host answers in a template
const std::vector<Word>& LayerLaws();

// Further keys that the YAML of a dbt project may have; they are read by other tools, or wait for
// theirs.
const std::vector<std::string>& DbtFileKeys();
const std::vector<std::string>& DbtModelKeys();
const std::vector<std::string>& DbtVersionKeys();
const std::vector<std::string>& DbtColumnKeys();
const std::vector<std::string>& DbtSourceKeys();

std::vector<std::string> NamesOf(const std::vector<Word>& words);

}  // namespace tarn::pipeline
