#include "cli/checks_page.h"

#include <vector>

#include "base/text.h"
#include "base/yaml.h"
#include "quality/data_tests.h"

namespace tarn::cli {

namespace {

constexpr const char* kLead =
    "Tests that every project has, without any package. They stand below `data_tests:` (or "
    "`tests:`) of a model, seed, snapshot or source, or of a column of one, by their name or with "
    "a "
    "package before it (`dbt_utils.recency`). A macro `test_<name>` of the project, or of a "
    "package "
    "that is installed, wins over the check of its name. How to use them: "
    "[check quality](../how-to/check-quality.md).\n\n"
    "The SQL is that of the example, of a table `t` and its column `v`: the rows that it gives are "
    "the failures, unless `fail_calc` is said. `where`, `severity`, `warn_if`, `error_if`, "
    "`limit`, "
    "`fail_calc`, `store_failures` and `enabled` go with all of them. In *of*: what the check "
    "stands "
    "below. Bold arguments must be said; where some stand behind *one of*, one of them must.\n";

std::string SubjectOf(const quality::SetCheck& check) {
    switch (check.subject) {
        case quality::CheckSubject::kColumn:
            return "a column";
        case quality::CheckSubject::kTable:
            return "a table";
        case quality::CheckSubject::kEither:
            return "a table or a column";
    }
    return "";
}

std::string ArgumentText(const quality::CheckArgument& argument) {
    std::string text = argument.is_required ? fmt::format("**`{}`**", argument.name)
                                            : fmt::format("`{}`", argument.name);
    for (const std::string& also : quality::WordsIn(argument.also))
        text += fmt::format(" or `{}`", also);
    const bool has_words = argument.kind == quality::ArgumentKind::kWord;
    text += fmt::format(" ({}", has_words ? Join(quality::WordsIn(argument.words), ", ")
                                          : std::string(quality::NameOf(argument.kind)));
    if (!argument.fallback.empty()) text += fmt::format("; {}", argument.fallback);
    return text + ")";
}

std::string SqlOf(const quality::SetCheck& check) {
    quality::DataTest test;
    test.word = check.name;
    if (check.subject == quality::CheckSubject::kColumn) test.column = "v";
    if (!check.example.empty()) test.arguments = YamlNode::Parse(check.example, "example").ToJson();
    return quality::FailingRows(check, test, "t");
}

std::string Section(const quality::SetCheck& check) {
    std::vector<std::string> packages;
    for (const std::string& package : quality::WordsIn(check.packages))
        packages.push_back("`" + package + "`");
    const bool has_rival = quality::FindSetCheck(check.name) != &check;
    std::string text = fmt::format("\n### {}{}\n{}.\n\n- of: {}; packages: {}\n",
                                   has_rival ? std::string(check.packages) + "." : "", check.name,
                                   check.meaning, SubjectOf(check), Join(packages, ", "));
    std::vector<std::string> names;
    for (const std::string& spelling : quality::WordsIn(check.spellings))
        names.push_back("`" + spelling + "`");
    if (!names.empty()) text += fmt::format("- also called: {}\n", Join(names, ", "));
    std::vector<std::string> arguments;
    for (const quality::CheckArgument& argument : check.arguments)
        arguments.push_back(ArgumentText(argument));
    if (!arguments.empty()) text += fmt::format("- arguments: {}\n", Join(arguments, ", "));
    if (!check.needs.empty())
        text += fmt::format("- one of: {}\n", Join(quality::WordsIn(check.needs), ", "));
    if (!check.fail_calc.empty()) text += fmt::format("- `fail_calc`: `{}`\n", check.fail_calc);
    if (!check.example.empty()) text += fmt::format("\n```yaml\n{}\n```\n", check.example);
    return text + fmt::format("\n```sql\n{}\n```\n", SqlOf(check));
}

}  // namespace

std::string ChecksPage() {
    std::string page = kLead;
    for (const quality::SetCheck& check : quality::SetChecks()) page += Section(check);
    return page;
}

}  // namespace tarn::cli
