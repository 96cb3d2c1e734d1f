#include "pipeline/graph.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/data_test_sql.h"
#include "pipeline/model_config.h"

namespace tarn::pipeline {
namespace {

// Where the text first names another node: near enough for a cycle, which no single call can see.
TextSpot SpotOfName(const std::string& file, const std::string& text, const std::string& name) {
    const size_t at = text.find(name);
    if (at == std::string::npos) return {file, 1, 1};
    const std::string before = text.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n');
    const size_t line_start = before.rfind('\n') == std::string::npos ? 0 : before.rfind('\n') + 1;
    return {file, static_cast<int>(line) + 1, static_cast<int>(at - line_start) + 1};
}

quality::TestOptions OptionsOf(const SingularTest& test, const nlohmann::ordered_json& in_sql) {
    if (in_sql.empty()) return test.options;
    return quality::ParseTestOptions(YamlNode::Parse(in_sql.dump(), test.file));
}

struct Found {
    std::vector<Relation> relations;
    std::vector<Relation> streams;
    nlohmann::ordered_json config = nlohmann::ordered_json::object();
};

void Merge(const RenderUse& use, Found& found) {
    const auto add = [](const std::vector<Relation>& from, std::vector<Relation>& into) {
        for (const Relation& relation : from) {
            const bool there = std::any_of(into.begin(), into.end(), [&](const Relation& other) {
                return other.Id() == relation.Id();
            });
            if (!there) into.push_back(relation);
        }
    };
    add(use.relations, found.relations);
    add(use.streams, found.streams);
    found.config.update(use.config);
}

// A test by a macro that nobody has is a word that was mistyped.
void CheckMacro(const ModelContext& context, const Project& project,
                const quality::DataTest& test) {
    if (test.kind != quality::DataTestKind::kMacro) return;
    const auto [package, macro] = MacroOf(test);
    if (context.HasMacro(package.empty() ? project.name : package, macro)) return;
    std::vector<std::string> known;
    for (const quality::DataTestWord& word : quality::DataTestWords())
        known.emplace_back(word.name);
    for (const std::string& name : context.MacroNames(project.name)) {
        if (name.starts_with("test_")) known.push_back(name.substr(5));
    }
    const auto nearest = NearestWord(test.macro, known);
    throw Error(ErrorKind::kInvalidInput, "there is no test `{}`{}", test.macro,
                nearest ? fmt::format(": did you mean `{}`?", *nearest)
                        : fmt::format(": known are {}", Join(known, ", ")))
        .At(test.spot);
}

std::vector<Relation> RelationsOf(ModelContext& context, const Model& model,
                                  const quality::DataTest& test) {
    try {
        return context.Discover(test.spot.file, TestTemplate(test, RefTo(model)), nullptr, false)
            .relations;
    } catch (const Error& error) {
        throw Error(error).At(test.spot);
    }
}

void CheckStreams(const Node& node) {
    if (node.streams.empty() || node.model == nullptr) return;
    if (IsIncremental(node.config.materialized)) return;
    throw Error(ErrorKind::kInvalidInput,
                "stream({}) has a meaning only in an incremental model: {} is none",
                node.streams.front(), node.id)
        .At(SpotOfName(node.File(), node.model->sql, "stream"));
}

}  // namespace

Graph::Graph(const Project& project, ModelContext& context) {
    std::vector<std::vector<std::string>> reads;
    const auto add = [&](Node node, const Found& found) {
        std::vector<std::string> ids;
        for (const Relation& relation : found.relations) {
            if (relation.model != nullptr) ids.push_back(relation.model->Id());
            if (relation.model == nullptr) node.sources.push_back({relation.schema, relation.name});
        }
        for (const Relation& relation : found.streams) node.streams.push_back(relation.Id());
        CheckStreams(node);
        nodes_.push_back(std::move(node));
        reads.push_back(std::move(ids));
    };
    for (const Model& model : project.models) {
        Found found;
        for (const bool incremental : {false, true}) {
            if (model.resource == Resource::kSeed) break;
            Merge(context.Discover(model.file, model.sql, &model, incremental), found);
        }
        Node node;
        node.id = model.Id();
        node.model = &model;
        node.config = ConfigOf(model, found.config, RuleOf(project));
        add(std::move(node), found);
    }
    for (const SingularTest& test : project.tests) {
        Found found;
        Merge(context.Discover(test.file, test.sql, nullptr, false), found);
        Node node;
        node.id = "test." + test.name;
        node.test = &test;
        node.test_options = OptionsOf(test, found.config);
        add(std::move(node), found);
    }
    for (size_t i = 0; i < nodes_.size(); ++i) {
        for (const std::string& id : reads[i])
            nodes_[i].parents.push_back(static_cast<size_t>(Find(id)));
    }
    FindTestedWith(project, context);
    Order();
}

bool Graph::IsBehind(size_t node, size_t other) const {
    if (node == other) return true;
    const auto& parents = nodes_[node].parents;
    return std::any_of(parents.begin(), parents.end(),
                       [&](size_t parent) { return IsBehind(parent, other); });
}

void Graph::FindTestedWith(const Project& project, ModelContext& context) {
    const size_t models = nodes_.size();
    for (size_t i = 0; i < models; ++i) {
        if (nodes_[i].model == nullptr) continue;
        for (const quality::DataTest* test : nodes_[i].model->AllTests()) {
            CheckMacro(context, project, *test);
            if (test->to.empty() && test->kind != quality::DataTestKind::kMacro) continue;
            std::vector<size_t> reads;
            for (const Relation& relation : RelationsOf(context, *nodes_[i].model, *test)) {
                if (relation.model == nullptr || relation.model == nodes_[i].model) continue;
                reads.push_back(static_cast<size_t>(Find(relation.model->Id())));
            }
            const bool is_late = std::any_of(reads.begin(), reads.end(),
                                             [&](size_t read) { return IsBehind(read, i); });
            if (is_late && project.is_dbt) {
                AddLateTest(i, *test, std::move(reads));
            } else {
                auto& with = nodes_[i].tested_with;
                with.insert(with.end(), reads.begin(), reads.end());
            }
        }
    }
}

void Graph::AddLateTest(size_t of, const quality::DataTest& test, std::vector<size_t> reads) {
    const Model& model = *nodes_[of].model;
    late_tests_.push_back(std::make_unique<SingularTest>(
        SingularTest{test.name, test.spot.file, TestTemplate(test, RefTo(model)), test.options}));
    nodes_[of].late_tests.insert(&test);
    Node node;
    node.id = "test." + test.name;
    node.test = late_tests_.back().get();
    node.test_options = test.options;
    node.parents = std::move(reads);
    node.parents.push_back(of);
    nodes_.push_back(std::move(node));
}

int Graph::Find(const std::string& id) const {
    for (size_t i = 0; i < nodes_.size(); ++i) {
        if (EqualsIgnoreCase(nodes_[i].id, id)) return static_cast<int>(i);
    }
    return -1;
}

std::vector<size_t> Graph::RunOrder(bool with_tests) const {
    std::vector<size_t> waiting_for(nodes_.size());
    std::vector<std::vector<size_t>> children(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
        std::set<size_t> before(nodes_[i].parents.begin(), nodes_[i].parents.end());
        if (with_tests) before.insert(nodes_[i].tested_with.begin(), nodes_[i].tested_with.end());
        waiting_for[i] = before.size();
        for (const size_t parent : before) children[parent].push_back(i);
    }
    std::set<std::pair<std::string, size_t>> ready;
    for (size_t i = 0; i < nodes_.size(); ++i) {
        if (waiting_for[i] == 0) ready.emplace(nodes_[i].id, i);
    }
    std::vector<size_t> order;
    while (!ready.empty()) {
        const size_t next = ready.begin()->second;
        ready.erase(ready.begin());
        order.push_back(next);
        for (const size_t child : children[next]) {
            if (--waiting_for[child] == 0) ready.emplace(nodes_[child].id, child);
        }
    }
    return order;
}

void Graph::Order() {
    const std::vector<size_t> order = RunOrder(true);
    if (order.size() < nodes_.size()) ReportCycle(RunOrder(false));
    std::vector<size_t> place(nodes_.size());
    for (size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::vector<Node> sorted;
    for (const size_t from : order) sorted.push_back(std::move(nodes_[from]));
    for (Node& node : sorted) {
        for (size_t& parent : node.parents) parent = place[parent];
        for (size_t& other : node.tested_with) other = place[other];
    }
    nodes_ = std::move(sorted);
}

void Graph::ReportCycle(const std::vector<size_t>& order) const {
    std::set<size_t> in_cycle;
    for (size_t i = 0; i < nodes_.size(); ++i) in_cycle.insert(i);
    for (const size_t node : order) in_cycle.erase(node);
    if (in_cycle.empty()) {
        const auto tested = std::find_if(nodes_.begin(), nodes_.end(), [](const Node& node) {
            return !node.tested_with.empty();
        });
        throw Error(ErrorKind::kInvalidInput,
                    "a test of {} or of a model behind it reads what is made from that model: "
                    "write it as a test of its own in tests/",
                    tested->id)
            .At(tested->model->yaml);
    }
    // Every stuck node waits for a stuck parent, so walking up must come back to where it has been.
    std::vector<size_t> way = {*in_cycle.begin()};
    while (std::count(way.begin(), way.end(), way.back()) < 2) {
        const auto& parents = nodes_[way.back()].parents;
        way.push_back(*std::find_if(parents.begin(), parents.end(),
                                    [&](size_t p) { return in_cycle.count(p) > 0; }));
    }
    way.erase(way.begin(), std::find(way.begin(), way.end(), way.back()));
    std::vector<std::string> names;
    for (const size_t node : way) names.push_back(nodes_[node].id);
    const Node& first = nodes_[way[0]];
    const Node& read = nodes_[way[1]];
    const std::string& text = first.model != nullptr ? first.model->sql : first.test->sql;
    throw Error(ErrorKind::kInvalidInput, "models read each other in a circle: {}",
                Join(names, " reads "))
        .At(SpotOfName(first.File(), text, read.model != nullptr ? read.model->name : read.id));
}

std::vector<size_t> Graph::Select(const std::vector<std::string>& selectors) const {
    std::set<size_t> chosen;
    for (const std::string& selector : selectors) {
        for (const std::string& part : Split(selector, ' ')) {
            if (part.empty()) continue;
            const std::set<size_t> matches = Matches(part);
            chosen.insert(matches.begin(), matches.end());
        }
    }
    for (size_t i = 0; i < nodes_.size(); ++i) {
        const auto& parents = nodes_[i].parents;
        const bool tested = nodes_[i].test != nullptr && !parents.empty() &&
                            std::all_of(parents.begin(), parents.end(),
                                        [&](size_t p) { return chosen.count(p) > 0; });
        if (tested || selectors.empty()) chosen.insert(i);
    }
    return {chosen.begin(), chosen.end()};
}

std::set<size_t> Graph::Matches(const std::string& selector) const {
    std::set<size_t> common;
    bool first = true;
    for (const std::string& term : Split(selector, ',')) {
        const std::set<size_t> matches = MatchesTerm(term);
        if (first) {
            common = matches;
        } else {
            std::erase_if(common, [&](size_t node) { return matches.count(node) == 0; });
        }
        first = false;
    }
    return common;
}

std::set<size_t> Graph::MatchesTerm(const std::string& term) const {
    std::string_view word = term;
    const bool up = !word.empty() && word.front() == '+';
    if (up) word.remove_prefix(1);
    const bool down = !word.empty() && word.back() == '+';
    if (down) word.remove_suffix(1);
    if (word.substr(0, 5) == "path:") word.remove_prefix(5);
    const bool by_tag = word.substr(0, 4) == "tag:";
    const std::string wanted(by_tag ? word.substr(4) : word);
    std::set<size_t> matches;
    std::vector<std::string> known;
    for (size_t i = 0; i < nodes_.size(); ++i) {
        const Node& node = nodes_[i];
        const std::string name = node.model != nullptr ? node.model->ref_name : node.test->name;
        const std::string schema = node.model != nullptr ? node.model->schema : "test";
        const std::string file = node.File();
        const bool in_path =
            file == wanted ||
            file.rfind(wanted.empty() || wanted.back() == '/' ? wanted : wanted + "/", 0) == 0;
        const auto& tags = node.config.tags;
        const bool hit = by_tag ? std::count(tags.begin(), tags.end(), wanted) > 0
                                : name == wanted || node.id == wanted || schema == wanted ||
                                      (!wanted.empty() && in_path);
        if (hit) matches.insert(i);
        if (by_tag) known.insert(known.end(), tags.begin(), tags.end());
        if (!by_tag) known.insert(known.end(), {name, node.id, schema});
    }
    if (matches.empty()) {
        const auto nearest = NearestWord(wanted, known);
        throw Error(ErrorKind::kInvalidInput, "the selector `{}` means no model{}", term,
                    nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
    }
    const std::set<size_t> own = matches;
    for (const size_t node : own) {
        if (up) AddParents(node, matches);
        if (down) AddChildren(node, matches);
    }
    return matches;
}

void Graph::AddParents(size_t node, std::set<size_t>& into) const {
    for (const size_t parent : nodes_[node].parents) {
        into.insert(parent);
        AddParents(parent, into);
    }
}

void Graph::AddChildren(size_t node, std::set<size_t>& into) const {
    // Nodes stand in run order, so one pass sees every parent before its children.
    std::set<size_t> reached = {node};
    for (size_t i = node + 1; i < nodes_.size(); ++i) {
        const auto& parents = nodes_[i].parents;
        if (std::any_of(parents.begin(), parents.end(),
                        [&](size_t p) { return reached.count(p) > 0; })) {
            reached.insert(i);
            into.insert(i);
        }
    }
}

}  // namespace tarn::pipeline
