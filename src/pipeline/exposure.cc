#include "pipeline/exposure.h"

#include "base/text.h"

namespace tarn::pipeline {
namespace {

void ReadSettings(const YamlNode& node, Exposure& exposure) {
    if (const auto tags = node.Find("tags")) {
        for (const std::string& tag : tags->AsStrings()) exposure.tags.push_back(tag);
    }
    if (const auto meta = node.Find("meta"))
        exposure.meta.update(nlohmann::ordered_json::parse(meta->ToJson()));
    exposure.enabled = node.BoolOr("enabled", exposure.enabled);
}

}  // namespace

Exposure ReadExposure(const YamlNode& node, const std::string& file) {
    node.OnlyKeys({"name", "label", "type", "url", "maturity", "description", "owner", "tags",
                   "meta", "depends_on", "config", "enabled"});
    Exposure exposure;
    exposure.name = node.At("name").AsString();
    exposure.file = file;
    exposure.spot = node.Spot();
    exposure.type =
        node.At("type").AsOneOf({"dashboard", "notebook", "analysis", "ml", "application"});
    exposure.label = node.StringOr("label", "");
    exposure.url = node.StringOr("url", "");
    if (const auto maturity = node.Find("maturity"))
        exposure.maturity = maturity->AsOneOf({"low", "medium", "high"});
    const YamlNode owner = node.At("owner");
    exposure.owner_name = owner.StringOr("name", "");
    if (const auto email = owner.Find("email"))
        exposure.owner_email = Join(email->AsStrings(), ", ");
    if (exposure.owner_name.empty() && exposure.owner_email.empty())
        throw owner.Mistake("an owner has a `name` or an `email`");
    ReadSettings(node, exposure);
    if (const auto config = node.Find("config")) ReadSettings(*config, exposure);
    if (const auto reads = node.Find("depends_on")) {
        for (const YamlNode& read : reads->Items())
            exposure.depends_on.emplace_back(read.AsString(), read.Spot());
    }
    return exposure;
}

}  // namespace tarn::pipeline
