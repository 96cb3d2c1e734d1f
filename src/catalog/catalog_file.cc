#include "catalog/catalog_file.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace tarn::catalog {

namespace {

// A JSON string is a YAML double-quoted one; `${` would be taken for an environment variable.
std::string Quoted(const std::string& text) {
    std::string escaped;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text.compare(at, 2, "${") == 0) escaped += "$";
        escaped += text[at];
    }
    return nlohmann::json(escaped).dump(-1, ' ', /*ensure_ascii=*/true,
                                        nlohmann::json::error_handler_t::replace);
}

void AppendProperties(std::string& out, const std::map<std::string, std::string>& properties) {
    if (properties.empty()) return;
    out += "    properties:\n";
    for (const auto& [key, value] : properties)
        out += fmt::format("      {}: {}\n", Quoted(key), Quoted(value));
}

void AppendEntry(std::string& out, const engine::DirectoryEntry& entry) {
    out += fmt::format("  - id: {}\n", Quoted(entry.id));
    out += fmt::format("    schema: {}\n", Quoted(entry.name.schema));
    out += fmt::format("    name: {}\n", Quoted(entry.name.name));
    if (entry.kind != engine::EntryKind::kTable) {
        out += fmt::format("    sql: {}\n", Quoted(entry.sql));
    } else {
        out += fmt::format("    format: {}\n    location: {}\n", Quoted(entry.format),
                           Quoted(entry.location));
    }
    if (!entry.comment.empty()) out += fmt::format("    comment: {}\n", Quoted(entry.comment));
    AppendProperties(out, entry.properties);
}

}  // namespace

std::string CatalogFileText(const std::vector<engine::SchemaEntry>& schemas,
                            const std::vector<engine::DirectoryEntry>& unlogged) {
    std::string out =
        "# Written by Tarn at each change of a schema, view, function or external table: what a "
        "lost "
        "catalog.db is rebuilt from.\n";
    out += "schemas:\n";
    for (const auto& schema : schemas) {
        out += fmt::format("  - name: {}\n", Quoted(schema.name));
        if (!schema.comment.empty())
            out += fmt::format("    comment: {}\n", Quoted(schema.comment));
        AppendProperties(out, schema.properties);
    }
    constexpr std::pair<engine::EntryKind, const char*> kParts[] = {
        {engine::EntryKind::kView, "views"},
        {engine::EntryKind::kFunction, "functions"},
        {engine::EntryKind::kTable, "tables"}};
    for (const auto& [kind, title] : kParts) {
        out += fmt::format("{}:\n", title);
        for (const auto& entry : unlogged) {
            if (entry.kind == kind) AppendEntry(out, entry);
        }
    }
    return out;
}

}  // namespace tarn::catalog
