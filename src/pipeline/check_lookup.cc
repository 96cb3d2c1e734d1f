#include "pipeline/check_lookup.h"

#include <vector>

#include "base/text.h"
#include "pipeline/data_test_sql.h"

namespace tarn::pipeline {
namespace {

bool HasMacro(const ModelContext& context, const std::string& used_in,
              const quality::DataTest& test) {
    const auto [package, macro] = MacroOf(test);
    // What dbt gives to every project are checks.
    if (!package.empty()) return package != kDbtPackage && context.HasMacro(package, macro);
    const auto owner = context.PackageOfMacro(macro, used_in);
    return (owner && *owner != kDbtPackage) || context.IsRedirected(macro);
}

std::vector<std::string> KnownWords(const ModelContext& context, const Project& project,
                                    bool with_package) {
    std::vector<std::string> known;
    if (!with_package) known = quality::SetCheckWords();
    for (const quality::SetCheck& check : quality::SetChecks()) {
        if (!with_package) break;
        for (const std::string& package : quality::WordsIn(check.packages))
            known.push_back(package + "." + std::string(check.name));
    }
    for (const std::string& name : context.MacroNames(project.name)) {
        if (name.starts_with("test_")) known.push_back(name.substr(sizeof("test_") - 1));
    }
    return known;
}

}  // namespace

const quality::SetCheck* CheckOfTest(const ModelContext& context, const Project& project,
                                     const std::string& used_in, const quality::DataTest& test) {
    if (HasMacro(context, used_in, test)) return nullptr;
    const quality::SetCheck* check = quality::FindSetCheck(test.word);
    if (check != nullptr) {
        quality::CheckArguments(*check, test);
        return check;
    }
    const bool has_package = test.word.find('.') != std::string::npos;
    const auto nearest = NearestWord(test.word, KnownWords(context, project, has_package));
    throw Error(ErrorKind::kInvalidInput, "there is no test `{}`{}", test.word,
                nearest ? fmt::format(": did you mean `{}`?", *nearest)
                        : ": docs/reference/checks.md lists those that every project has, and a "
                          "macro test_<name> makes one of your own")
        .At(test.spot);
}

}  // namespace tarn::pipeline
