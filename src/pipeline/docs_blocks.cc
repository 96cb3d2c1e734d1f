#include "pipeline/docs_blocks.h"

#include <algorithm>
#include <regex>

#include "base/error.h"
#include "base/text.h"
#include "pipeline/jinja_environment.h"
#include "pipeline/template_settings.h"

namespace tarn::pipeline {
namespace {

const std::regex kBegin(R"(\{%-?\s*docs\s+([A-Za-z_0-9]+)\s*-?%\})");
const std::regex kEnd(R"(\{%-?\s*enddocs\s*-?%\})");

TextSpot SpotOf(const std::string& text, const std::string& file, std::ptrdiff_t at) {
    return {file, static_cast<int>(std::count(text.begin(), text.begin() + at, '\n')) + 1, 1};
}

// Answers doc(), the only call that a description may make.
class DocsHost final : public TemplateHost {
public:
    explicit DocsHost(const std::map<std::string, std::string>& docs) : docs_(docs) {}

    nlohmann::ordered_json Call(const std::string&, const std::string&,
                                const nlohmann::ordered_json& positional,
                                const nlohmann::ordered_json&) override {
        // doc('package', 'name') as well.
        const size_t last = positional.size() > 1 ? 1 : 0;
        const std::string name = TextArgument(positional, last, "doc");
        if (const auto found = docs_.find(name); found != docs_.end()) return found->second;
        std::vector<std::string> known;
        for (const auto& [other, text] : docs_) known.push_back(other);
        const auto nearest = NearestWord(name, known);
        throw Error(ErrorKind::kInvalidInput, "doc: there is no block `docs {}`{}", name,
                    nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
    }

private:
    const std::map<std::string, std::string>& docs_;
};

}  // namespace

std::string WithDocs(const std::string& description, const std::map<std::string, std::string>& docs,
                     const TextSpot& spot) {
    if (description.find("{{") == std::string::npos) return description;
    DocsHost host(docs);
    JinjaEnvironment jinja(host, {"doc"});
    try {
        return jinja.Render(spot.file, description, nlohmann::ordered_json::object());
    } catch (const Error& error) {
        throw Error(error).At(spot);
    }
}

void ReadDocsBlocks(const std::string& text, const std::string& file,
                    std::map<std::string, std::string>& docs) {
    std::smatch begin;
    for (auto at = text.begin(); std::regex_search(at, text.end(), begin, kBegin);) {
        const TextSpot spot = SpotOf(text, file, begin[0].first - text.begin());
        std::smatch end;
        if (!std::regex_search(begin[0].second, text.end(), end, kEnd)) {
            throw Error(ErrorKind::kInvalidInput, "the block `docs {}` has no `enddocs`",
                        begin[1].str())
                .At(spot);
        }
        const std::string body(begin[0].second, end[0].first);
        if (!docs.emplace(begin[1].str(), std::string(Trim(body))).second) {
            throw Error(ErrorKind::kInvalidInput, "the block `docs {}` stands twice",
                        begin[1].str())
                .At(spot);
        }
        at = end[0].second;
    }
}

}  // namespace tarn::pipeline
