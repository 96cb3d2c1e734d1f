#include "pipeline/docs_site.h"

#include <string_view>

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// What the page shows of an entry of the manifest.
Json Shown(const Json& entry, const Json& catalog) {
    Json shown = Json::object();
    for (const char* key :
         {"name", "resource_type", "package_name", "original_file_path", "fqn", "description",
          "tags", "relation_name", "raw_code", "compiled_code", "source_name", "url", "owner",
          "label", "maturity", "type", "attached_node", "column_name", "test_metadata"}) {
        if (entry.contains(key) && !entry[key].is_null()) shown[key] = entry[key];
    }
    if (entry.contains("config") && entry["config"].contains("materialized"))
        shown["materialized"] = entry["config"]["materialized"];
    if (entry.contains("docs")) shown["color"] = entry["docs"].value("node_color", Json());
    Json columns = Json::object();
    if (catalog.contains("columns")) {
        for (const auto& [name, column] : catalog["columns"].items())
            columns[name] = {{"type", column["type"]}, {"description", ""}};
    }
    if (entry.contains("columns")) {
        for (const auto& [name, column] : entry["columns"].items())
            columns[name]["description"] = column.value("description", "");
    }
    shown["columns"] = std::move(columns);
    if (catalog.contains("stats")) shown["stats"] = catalog["stats"];
    return shown;
}

// `</script>` in a text must not end the element that holds the data.
std::string ForScript(const std::string& json) {
    std::string text;
    for (const char c : json) text += c == '<' ? std::string("\\u003c") : std::string(1, c);
    return text;
}

std::string ForHtml(const std::string& words) {
    std::string text;
    for (const char c : words) {
        if (c == '<') {
            text += "&lt;";
        } else if (c == '&') {
            text += "&amp;";
        } else {
            text += c;
        }
    }
    return text;
}

void Put(std::string& page, std::string_view mark, const std::string& text) {
    const size_t at = page.find(mark);
    if (at != std::string::npos) page.replace(at, mark.size(), text);
}

}  // namespace

std::string DocsSite(const Json& manifest, const Json& catalog, const Json& lineage) {
    const std::string project = manifest["metadata"].value("project_name", "");
    Json data = {{"project", project},
                 {"generated_at", manifest["metadata"]["generated_at"]},
                 {"items", Json::object()},
                 {"parents", manifest["parent_map"]},
                 {"lineage", lineage}};
    for (const char* kind :
         {"nodes", "sources", "exposures", "semantic_models", "metrics", "saved_queries"}) {
        const Json none = Json::object();
        const Json& found = catalog.contains(kind) ? catalog[kind] : none;
        for (const auto& [id, entry] : manifest[kind].items())
            data["items"][id] = Shown(entry, found.contains(id) ? found[id] : none);
    }
    // A model that was never built has the columns of its plan.
    for (const auto& [id, known] : lineage.items()) {
        if (!data["items"].contains(id)) continue;
        Json& columns = data["items"][id]["columns"];
        for (const auto& [name, edges] : known["columns"].items())
            if (!columns.contains(name)) columns[name] = {{"description", ""}};
    }
    std::string page(DocsPage());
    Put(page, "@TITLE@", ForHtml(project));
    Put(page, "@DATA@",
        ForScript(data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)));
    return page;
}

}  // namespace tarn::pipeline
