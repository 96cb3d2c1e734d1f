#include "cli/lineage_text.h"

#include <vector>

#include "base/text.h"

namespace tarn::cli {

namespace {

using catalog::LineageStep;
using Json = nlohmann::ordered_json;

// "silver.orders.amount  (AGGREGATION, masked; gold.daily)"
std::string LineOf(const LineageStep& step, bool tells_columns) {
    std::string name = step.point.Text();
    if (tells_columns && step.point.column.empty() && !step.point.is_reader) name += " (its rows)";
    std::vector<std::string> words(step.effects.begin(), step.effects.end());
    if (step.masking) words.emplace_back("masked");
    if (step.kind != "table") words.push_back(step.kind);
    std::string text = Join(words, ", ");
    const bool is_own = step.nodes.size() == 1 && *step.nodes.begin() == step.point.table;
    if (!step.nodes.empty() && !is_own && !step.point.is_reader) {
        text += text.empty() ? "by " : "; by ";
        text += Join({step.nodes.begin(), step.nodes.end()}, ", ");
    }
    if (!text.empty()) name += "  (" + text + ")";
    return step.is_repeated ? name + "  as above" : name;
}

void AddTree(const LineageStep& step, const std::string& indent, bool tells_columns,
             std::string& text) {
    for (size_t i = 0; i < step.steps.size(); ++i) {
        const bool is_last = i + 1 == step.steps.size();
        text += indent + (is_last ? "└─ " : "├─ ") + LineOf(step.steps[i], tells_columns) + "\n";
        AddTree(step.steps[i], indent + (is_last ? "   " : "│  "), tells_columns, text);
    }
}

void AddWalk(const std::string& title, const std::string& nothing, const LineageStep& walk,
             std::string& text) {
    if (walk.steps.empty()) {
        text += walk.point.Text() + " " + nothing + "\n";
        return;
    }
    text += title + " " + walk.point.Text() + "\n";
    AddTree(walk, "", !walk.point.column.empty(), text);
}

void AddBroken(const LineageStep& walk, std::string& text) {
    const auto reached = Reached(walk);
    if (reached.empty()) {
        text += fmt::format("Nothing that is known of reads {}: it can be dropped.\n",
                            walk.point.Text());
        return;
    }
    text += fmt::format("Dropping {} breaks or changes:\n", walk.point.Text());
    for (const auto& [table, columns] : reached) {
        text += "  " + table;
        if (!columns.empty()) text += ": " + Join({columns.begin(), columns.end()}, ", ");
        text += "\n";
    }
}

Json TreeOf(const LineageStep& step) {
    Json json{{"table", step.point.table},
              {"column", step.point.column.empty() ? Json() : Json(step.point.column)},
              {"kind", step.kind},
              {"effects", step.effects},
              {"masking", step.masking},
              {"nodes", step.nodes},
              {"repeated", step.is_repeated},
              {"next", Json::array()}};
    for (const LineageStep& next : step.steps) json["next"].push_back(TreeOf(next));
    return json;
}

}  // namespace

std::string LineageText(const LineageWalks& walks) {
    std::string text;
    if (walks.upstream) AddWalk("What makes", "is made of nothing known", *walks.upstream, text);
    if (walks.upstream && walks.downstream) text += "\n";
    if (walks.downstream) {
        AddWalk("What reads", "is read by nothing known", *walks.downstream, text);
        text += "\n";
        AddBroken(*walks.downstream, text);
    }
    return text;
}

nlohmann::ordered_json LineageJson(const LineageWalks& walks) {
    Json json{{"table", walks.from.table},
              {"column", walks.from.column.empty() ? Json() : Json(walks.from.column)}};
    if (walks.upstream) json["upstream"] = TreeOf(*walks.upstream)["next"];
    if (walks.downstream) {
        json["downstream"] = TreeOf(*walks.downstream)["next"];
        json["breaks"] = Json::object();
        for (const auto& [table, columns] : Reached(*walks.downstream))
            json["breaks"][table] = columns;
    }
    return json;
}

}  // namespace tarn::cli
