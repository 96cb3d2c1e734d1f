#include "base/yaml.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"

namespace tarn {

struct YamlNode::Impl {
    YAML::Node node;
    std::shared_ptr<const std::string> file;
};

namespace {

constexpr int kMaxDepth = 64;
// Counted through aliases, so that a few of them inside each other cannot stand for millions.
constexpr size_t kMaxNodes = 1'000'000;

Error MistakeAt(const YAML::Mark& mark, const std::string& file, std::string message) {
    return Error(ErrorKind::kInvalidInput, std::move(message))
        .At({file, mark.line + 1, mark.column + 1});
}

std::string ReplaceVariables(const std::string& text, const YAML::Mark& mark,
                             const std::string& file) {
    std::string out;
    size_t at = 0;
    while (at < text.size()) {
        if (text.compare(at, 3, "$${") == 0) {
            out += "${";
            at += 3;
            continue;
        }
        if (text.compare(at, 2, "${") != 0) {
            out += text[at++];
            continue;
        }
        const size_t end = text.find('}', at);
        if (end == std::string::npos) throw MistakeAt(mark, file, "`${` without its `}`");
        const std::string name = text.substr(at + 2, end - at - 2);
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) {
            throw MistakeAt(mark, file,
                            fmt::format("the environment variable {} is not set", name));
        }
        out += value;
        at = end + 1;
    }
    return out;
}

// Walks a document once: replaces variables, refuses what the rest of the class does not expect.
class Inspection {
public:
    explicit Inspection(const std::string& file) : file_(file) {}

    void Visit(YAML::Node node, int depth) {
        if (depth > kMaxDepth) throw MistakeAt(node.Mark(), file_, "nested too deeply");
        if (++nodes_ > kMaxNodes) throw MistakeAt(node.Mark(), file_, "too many values");
        if (node.IsScalar()) {
            VisitScalar(node);
        } else if (node.IsSequence()) {
            for (const YAML::Node& item : node) Visit(item, depth + 1);
        } else if (node.IsMap()) {
            VisitMap(node, depth);
        }
    }

private:
    void VisitScalar(YAML::Node& node) const {
        if (node.Scalar().find("${") != std::string::npos)
            node = ReplaceVariables(node.Scalar(), node.Mark(), file_);
        // Escapes and variables can bring in what the text itself does not have.
        if (FirstInvalidUtf8(node.Scalar()))
            throw MistakeAt(node.Mark(), file_, "the value is not UTF-8");
    }

    void VisitMap(const YAML::Node& node, int depth) {
        std::set<std::string> seen;
        for (const auto& entry : node) {
            if (!entry.first.IsScalar() || FirstInvalidUtf8(entry.first.Scalar()))
                throw MistakeAt(entry.first.Mark(), file_, "a key must be a plain word");
            if (!seen.insert(entry.first.Scalar()).second) {
                throw MistakeAt(entry.first.Mark(), file_,
                                fmt::format("the key `{}` stands twice", entry.first.Scalar()));
            }
            Visit(entry.second, depth + 1);
        }
    }

    const std::string& file_;
    size_t nodes_ = 0;
};

// yaml-cpp takes any bytes; what leaves here is UTF-8.
void RequireUtf8(std::string_view text, const std::string& file) {
    const std::optional<size_t> at = FirstInvalidUtf8(text);
    if (!at) return;
    const std::string_view before = text.substr(0, *at);
    const size_t line_start = before.rfind('\n') + 1;
    throw Error(ErrorKind::kInvalidInput, "the file is not UTF-8: save it in that encoding")
        .At({file, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
             static_cast<int>(*at - line_start) + 1});
}

nlohmann::ordered_json ScalarJson(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;  // quoted
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    if (text == "~" || text == "null" || text.empty()) return nullptr;
    if (const auto number = ParseInt(text)) return *number;
    double real = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
    const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
    if (numeric && error == std::errc() && end == text.data() + text.size()) return real;
    return text;
}

nlohmann::ordered_json NodeJson(const YAML::Node& node) {
    if (node.IsMap()) {
        auto object = nlohmann::ordered_json::object();
        for (const auto& entry : node) object[entry.first.Scalar()] = NodeJson(entry.second);
        return object;
    }
    if (node.IsSequence()) {
        auto array = nlohmann::ordered_json::array();
        for (const YAML::Node& item : node) array.push_back(NodeJson(item));
        return array;
    }
    if (node.IsScalar()) return ScalarJson(node);
    return nullptr;
}

// Notes where documents begin, and nothing else.
class DocumentStarts : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override { marks_.push_back(mark); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

    const std::vector<YAML::Mark>& Marks() const { return marks_; }

private:
    std::vector<YAML::Mark> marks_;
};

// YAML::LoadAll would do, but never ends on a text such as ",": it finds one empty document after
// the other in front of the comma.
void RequireOneDocument(const std::string& text, const std::string& file) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentStarts starts;
    while (starts.Marks().size() < 2 && parser.HandleNextDocument(starts)) {
    }
    if (starts.Marks().size() > 1)
        throw MistakeAt(starts.Marks()[1], file, "more than one document in the file");
}

}  // namespace

YamlNode YamlNode::Parse(std::string_view text, std::string file) {
    auto shared = std::make_shared<const std::string>(std::move(file));
    RequireUtf8(text, *shared);
    try {
        RequireOneDocument(std::string(text), *shared);
        YAML::Node root = YAML::Load(std::string(text));
        Inspection(*shared).Visit(root, 0);
        return YamlNode(std::make_shared<const Impl>(Impl{root, shared}));
    } catch (const YAML::Exception& mistake) {
        throw MistakeAt(mistake.mark, *shared, fmt::format("not valid YAML: {}", mistake.msg));
    }
}

bool YamlNode::IsNull() const { return !impl_->node.IsDefined() || impl_->node.IsNull(); }
bool YamlNode::IsMap() const { return impl_->node.IsMap(); }
bool YamlNode::IsList() const { return impl_->node.IsSequence(); }
bool YamlNode::IsScalar() const { return impl_->node.IsScalar(); }

TextSpot YamlNode::Spot() const {
    const YAML::Mark mark = impl_->node.Mark();
    return {*impl_->file, mark.line + 1, mark.column + 1};
}

Error YamlNode::Mistake(std::string message) const {
    return Error(ErrorKind::kInvalidInput, std::move(message)).At(Spot());
}

std::vector<std::pair<std::string, YamlNode>> YamlNode::Entries() const {
    if (IsNull()) return {};
    if (!IsMap()) throw Mistake("expected `key: value` pairs here");
    std::vector<std::pair<std::string, YamlNode>> entries;
    for (const auto& entry : impl_->node) {
        entries.emplace_back(
            entry.first.Scalar(),
            YamlNode(std::make_shared<const Impl>(Impl{entry.second, impl_->file})));
    }
    return entries;
}

std::optional<YamlNode> YamlNode::Find(std::string_view key) const {
    for (auto& [name, node] : Entries()) {
        if (name == key && !node.IsNull()) return node;
    }
    return std::nullopt;
}

bool YamlNode::Has(std::string_view key) const {
    const auto entries = Entries();
    return std::any_of(entries.begin(), entries.end(),
                       [&](const auto& entry) { return entry.first == key; });
}

YamlNode YamlNode::At(std::string_view key) const {
    if (auto found = Find(key)) return *found;
    throw Mistake(fmt::format("the key `{}` is missing", key));
}

void YamlNode::OnlyKeys(const std::vector<std::string>& known) const {
    if (IsNull()) return;
    if (!IsMap()) throw Mistake("expected `key: value` pairs here");
    for (const auto& entry : impl_->node) {
        const std::string& key = entry.first.Scalar();
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        const auto nearest = NearestWord(key, known);
        throw MistakeAt(
            entry.first.Mark(), *impl_->file,
            nearest ? fmt::format("unknown key `{}`: did you mean `{}`?", key, *nearest)
                    : fmt::format("unknown key `{}`: known are {}", key, Join(known, ", ")));
    }
}

std::vector<YamlNode> YamlNode::Items() const {
    if (IsNull()) return {};
    if (!IsList()) throw Mistake("expected a list here");
    std::vector<YamlNode> items;
    for (const YAML::Node& item : impl_->node) {
        items.push_back(YamlNode(std::make_shared<const Impl>(Impl{item, impl_->file})));
    }
    return items;
}

std::string YamlNode::AsString() const {
    if (!IsScalar()) throw Mistake("expected a text here");
    return impl_->node.Scalar();
}

int64_t YamlNode::AsInt() const {
    if (IsScalar()) {
        if (const auto value = ParseInt(impl_->node.Scalar())) return *value;
    }
    throw Mistake("expected a whole number here");
}

double YamlNode::AsDouble() const {
    if (IsScalar()) {
        const std::string& text = impl_->node.Scalar();
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size()) return value;
    }
    throw Mistake("expected a number here");
}

bool YamlNode::AsBool() const {
    if (IsScalar()) {
        const std::string text = AsciiLower(impl_->node.Scalar());
        if (text == "true") return true;
        if (text == "false") return false;
    }
    throw Mistake("expected true or false here");
}

std::vector<std::string> YamlNode::AsStrings() const {
    if (IsScalar()) return {AsString()};
    std::vector<std::string> texts;
    for (const YamlNode& item : Items()) texts.push_back(item.AsString());
    return texts;
}

std::string YamlNode::AsOneOf(const std::vector<std::string>& allowed) const {
    std::string text = AsString();
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return text;
    const auto nearest = NearestWord(text, allowed);
    throw Mistake(fmt::format("`{}` is not one of {}{}", text, Join(allowed, ", "),
                              nearest ? fmt::format(": did you mean `{}`?", *nearest) : ""));
}

std::string YamlNode::StringOr(std::string_view key, std::string fallback) const {
    const auto found = Find(key);
    return found ? found->AsString() : std::move(fallback);
}

int64_t YamlNode::IntOr(std::string_view key, int64_t fallback) const {
    const auto found = Find(key);
    return found ? found->AsInt() : fallback;
}

bool YamlNode::BoolOr(std::string_view key, bool fallback) const {
    const auto found = Find(key);
    return found ? found->AsBool() : fallback;
}

std::string YamlNode::ToJson() const { return NodeJson(impl_->node).dump(); }

}  // namespace tarn
