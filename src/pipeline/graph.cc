#include "pipeline/graph.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/check_lookup.h"
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

// What a declared test's YAML says wins over what its macro says.
quality::TestOptions OptionsOf(const SingularTest& test, const nlohmann::ordered_json& in_sql) {
    if (in_sql.empty()) return test.options;
    if (test.declared) return quality::OptionsOf(*test.declared, in_sql.dump());
    return quality::ParseTestOptions(YamlNode::Parse(in_sql.dump(), test.file), test.options);
}

// What a second render called beside.
void Merge(const RenderUse& use, RenderUse& found) {
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

// A declared test as what it comes to.
SingularTest Resolved(const ModelContext& context, const Project& project,
                      const quality::DataTest& test, const std::string& relation,
                      const std::string& package) {
    const quality::SetCheck* check = CheckOfTest(context, project, package, test);
    try {
        return TestOf(test, relation, package, check);
    } catch (const Error& error) {
        throw Error(error).At(test.spot);
    }
}

// What the check itself says of its options, as a macro would with config(...).
void AddFailCalc(const SingularTest& test, RenderUse& found) {
    if (test.check == nullptr || test.check->fail_calc.empty()) return;
    if (!found.config.contains("fail_calc")) found.config["fail_calc"] = test.check->fail_calc;
}

// As dbt names the tested table.
std::string RefByName(const Model& model) {
    const std::string version = model.version.empty() ? "" : ", version='" + model.version + "'";
    return "ref('" + model.ref_name + "'" + version + ")";
}

// Models of another group may not read it.
void CheckAccess(const Model& reader, const RenderUse& found) {
    for (const Relation& relation : found.relations) {
        if (relation.model == nullptr || relation.model == &reader) continue;
        const Model& read = *relation.model;
        if (read.Setting("access") != nlohmann::ordered_json("private")) continue;
        if (read.Setting("group") == reader.Setting("group")) continue;
        throw Error(ErrorKind::kInvalidInput, "{} reads {}, which is private to the group {}",
                    reader.ref_name, read.ref_name, read.Setting("group").dump())
            .At(SpotOfName(reader.file, reader.sql, read.ref_name));
    }
}

// Does the check read the tested table alone, and no template.
bool ReadsItsTable(const SingularTest& test) {
    if (test.check == nullptr) return false;
    const std::string_view sql = test.sql;
    for (size_t at = sql.find("{{"); at != sql.npos; at = sql.find("{{", at + 1)) {
        if (!sql.substr(at).starts_with("{{ " + test.tested + " }}")) return false;
    }
    return sql.find("{%") == sql.npos;
}

// What the test reads and says of itself.
RenderUse UseOf(ModelContext& context, const Model& model, const SingularTest& test) {
    const quality::DataTest& declared = *test.declared;
    if (ReadsItsTable(test)) {
        RenderUse use;
        use.relations = {{model.schema, model.name, &model}};
        return use;
    }
    try {
        return context.Discover(declared.spot.file, test.sql, nullptr, false, &test);
    } catch (const Error& error) {
        throw Error(error).At(declared.spot);
    }
}

// What each node is made from, as sets of bits.
class Ancestors {
public:
    // `order` has parents first; of nodes that are not in it nothing is known.
    Ancestors(const std::vector<Node>& nodes, const std::vector<size_t>& order)
        : words_((nodes.size() + 63) / 64), bits_(nodes.size() * words_) {
        for (const size_t node : order) {
            for (const size_t parent : nodes[node].parents) {
                Word(node, parent) |= uint64_t{1} << (parent % 64);
                for (size_t i = 0; i < words_; ++i)
                    bits_[node * words_ + i] |= bits_[parent * words_ + i];
            }
        }
    }
    bool HasAll(size_t node, const std::vector<size_t>& others) const {
        return std::all_of(others.begin(), others.end(), [&](size_t other) {
            return (bits_[node * words_ + other / 64] >> (other % 64) & 1) != 0;
        });
    }

private:
    uint64_t& Word(size_t node, size_t other) { return bits_[node * words_ + other / 64]; }

    size_t words_;
    std::vector<uint64_t> bits_;
};

// A streaming table reads what is new in its only input, where it does not say in which.
void StreamTheInput(Node& node, const RenderUse& found) {
    if (node.config.materialized != Materialized::kStreaming || !node.streams.empty()) return;
    std::vector<std::string> inputs;
    for (const Relation& relation : found.relations) {
        if (relation.model != node.model) inputs.push_back(relation.Id());
    }
    if (inputs.size() != 1) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} reads {} inputs: the one whose new rows make a streaming table stands in "
                    "stream(), as stream(source('bronze', 'events'))",
                    node.id, inputs.size())
            .At(node.model->Spot());
    }
    node.streams = std::move(inputs);
    node.streams_its_input = true;
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

Graph::Graph(const Project& project, ModelContext& context, const Discoveries& known) {
    Reads reads;
    for (const Model& model : project.models) AddModel(project, model, context, known, reads);
    for (const SingularTest& test : project.tests) AddTest(project, test, context, reads);
    for (const Model& model : project.models) AddDeclaredTests(project, model, context, reads);
    IndexIds();
    for (size_t i = 0; i < nodes_.size(); ++i) {
        for (const std::string& id : reads[i])
            nodes_[i].parents.push_back(static_cast<size_t>(Find(id)));
        const bool is_of_model = nodes_[i].test != nullptr && nodes_[i].test->declared &&
                                 nodes_[i].test->tested.starts_with("ref(");
        if (is_of_model) nodes_[i].tested_node = nodes_[i].parents.front();
    }
    AddUnitTests();
    FindGates();
    Order();
}

void Graph::Add(Node node, const RenderUse& found, Reads& reads) {
    std::vector<std::string> ids;
    for (const Relation& relation : found.relations) {
        if (relation.model != nullptr) ids.push_back(relation.model->Id());
        if (relation.model == nullptr) {
            node.sources.push_back(
                {relation.schema, relation.name, relation.said_source, relation.said_table});
            node.sources.back().external = relation.external;
        }
    }
    for (const Relation& relation : found.streams) node.streams.push_back(relation.Id());
    if (node.model != nullptr) StreamTheInput(node, found);
    CheckStreams(node);
    nodes_.push_back(std::move(node));
    reads.push_back(std::move(ids));
}

void Graph::AddModel(const Project& project, const Model& model, ModelContext& context,
                     const Discoveries& known, Reads& reads) {
    RenderUse found;
    if (model.resource != Resource::kSeed) {
        const auto before = known.find(model.UniqueId());
        found = before != known.end() ? before->second
                                      : context.Discover(model.file, model.sql, &model, false);
        if (found.asked_incremental)
            Merge(context.Discover(model.file, model.sql, &model, true), found);
    }
    if (project.is_dbt) CheckAccess(model, found);
    Node node;
    node.id = model.Id();
    node.model = &model;
    node.config = ConfigOf(model, found.config, RuleOf(project));
    if (project.is_dbt && model.resource == Resource::kModel) {
        try {
            context.ResolveMaterialization(node.config);
        } catch (const Error& error) {
            throw Error(error).At(model.Spot());
        }
    }
    node.settings = AllSettings(model, found.config);
    Add(std::move(node), found, reads);
}

void Graph::AddTest(const Project& project, const SingularTest& test, ModelContext& context,
                    Reads& reads) {
    Node node;
    node.test = &test;
    if (test.declared) {
        declared_tests_.push_back(std::make_unique<SingularTest>(
            Resolved(context, project, *test.declared, test.tested, test.package)));
        node.test = declared_tests_.back().get();
    }
    RenderUse found = context.Discover(test.file, node.test->sql, nullptr, false, node.test);
    if (found.names_disabled) return;
    AddFailCalc(*node.test, found);
    node.id = "test." + test.name;
    node.test_options = OptionsOf(*node.test, found.config);
    node.settings = found.config;
    if (node.test_options.enabled) Add(std::move(node), found, reads);
}

void Graph::AddDeclaredTests(const Project& project, const Model& model, ModelContext& context,
                             Reads& reads) {
    for (const quality::DataTest* declared : model.AllTests()) {
        SingularTest test = Resolved(context, project, *declared, RefTo(model), model.package);
        RenderUse found = UseOf(context, model, test);
        if (project.is_dbt) test.tested = RefByName(model);
        if (found.names_disabled) continue;
        AddFailCalc(test, found);
        // The tested table first, whatever the macro names first.
        std::erase_if(found.relations,
                      [&](const Relation& relation) { return relation.model == &model; });
        found.relations.insert(found.relations.begin(), {model.schema, model.name, &model});
        Node node;
        node.id = "test." + test.name;
        node.test_options = OptionsOf(test, found.config);
        node.settings = found.config;
        if (!node.test_options.enabled) continue;
        declared_tests_.push_back(std::make_unique<SingularTest>(std::move(test)));
        node.test = declared_tests_.back().get();
        Add(std::move(node), found, reads);
    }
}

void Graph::AddUnitTests() {
    const size_t others = nodes_.size();
    for (size_t i = 0; i < others; ++i) {
        if (nodes_[i].IsTest()) continue;
        const Model& model = *nodes_[i].model;
        for (const UnitTest& unit : model.unit_tests) {
            Node node;
            node.id = "unit_test." + Join(model.Words(), ".") + "." + unit.name;
            node.unit = &unit;
            node.parents = nodes_[i].parents;
            node.tested_node = i;
            nodes_[i].gates.push_back(nodes_.size());
            nodes_.push_back(std::move(node));
        }
    }
}

void Graph::IndexIds() {
    by_id_.clear();
    for (size_t i = 0; i < nodes_.size(); ++i) by_id_.emplace(AsciiLower(nodes_[i].id), i);
}

int Graph::Find(const std::string& id) const {
    const auto found = by_id_.find(AsciiLower(id));
    return found == by_id_.end() ? -1 : static_cast<int>(found->second);
}

// A model waits for the tests of what it reads, when these read nothing that is made from it. Where
// a node waits, what reads it waits with it, so only the first on each way need to be told.
void Graph::FindGates() {
    const Ancestors ancestors(nodes_, RunOrder());
    std::vector<std::vector<size_t>> children(nodes_.size());
    std::vector<size_t> models;
    for (size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].IsTest()) continue;
        models.push_back(i);
        for (const size_t parent : nodes_[i].parents) children[parent].push_back(i);
    }
    for (size_t test = 0; test < nodes_.size(); ++test) {
        const std::vector<size_t>& read = nodes_[test].parents;
        if (nodes_[test].test == nullptr || read.empty()) continue;
        // One table's readers are known; what is behind several of them may be any model.
        for (const size_t node : read.size() == 1 ? children[read.front()] : models) {
            const std::vector<size_t>& parents = nodes_[node].parents;
            if (!ancestors.HasAll(node, read)) continue;
            const bool is_first = std::none_of(parents.begin(), parents.end(), [&](size_t parent) {
                return ancestors.HasAll(parent, read);
            });
            if (is_first) nodes_[node].gates.push_back(test);
        }
    }
}

std::vector<size_t> Graph::RunOrder() const {
    std::vector<size_t> waiting_for(nodes_.size());
    std::vector<std::vector<size_t>> children(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
        std::set<size_t> before(nodes_[i].parents.begin(), nodes_[i].parents.end());
        before.insert(nodes_[i].gates.begin(), nodes_[i].gates.end());
        waiting_for[i] = before.size();
        for (const size_t parent : before) children[parent].push_back(i);
    }
    // Seeds first: a source may be the table of one.
    std::set<std::tuple<bool, std::string, size_t>> ready;
    const auto is_ready = [&](size_t i) {
        const bool is_seed =
            nodes_[i].model != nullptr && nodes_[i].model->resource == Resource::kSeed;
        ready.emplace(!is_seed, nodes_[i].id, i);
    };
    for (size_t i = 0; i < nodes_.size(); ++i) {
        if (waiting_for[i] == 0) is_ready(i);
    }
    std::vector<size_t> order;
    while (!ready.empty()) {
        const size_t next = std::get<size_t>(*ready.begin());
        ready.erase(ready.begin());
        order.push_back(next);
        for (const size_t child : children[next]) {
            if (--waiting_for[child] == 0) is_ready(child);
        }
    }
    return order;
}

void Graph::Order() {
    const std::vector<size_t> order = RunOrder();
    if (order.size() < nodes_.size()) ReportCycle(order);
    std::vector<size_t> place(nodes_.size());
    for (size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::vector<Node> sorted;
    for (const size_t from : order) sorted.push_back(std::move(nodes_[from]));
    for (Node& node : sorted) {
        for (size_t& parent : node.parents) parent = place[parent];
        for (size_t& gate : node.gates) gate = place[gate];
        if (node.tested_node) node.tested_node = place[*node.tested_node];
    }
    nodes_ = std::move(sorted);
    IndexIds();
}

void Graph::ReportCycle(const std::vector<size_t>& order) const {
    std::set<size_t> in_cycle;
    for (size_t i = 0; i < nodes_.size(); ++i) in_cycle.insert(i);
    for (const size_t node : order) in_cycle.erase(node);
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

}  // namespace tarn::pipeline
