#include "quality/contract.h"

#include <set>

#include "base/text.h"

namespace tarn::quality {
namespace {

ContractField ReadField(const YamlNode& node) {
    node.OnlyKeys({"name", "type", "nullable", "description", "allowed_values", "unique",
                   "primary_key", "pattern", "min_length", "max_length", "minimum", "maximum",
                   "max_null_rate_pct", "classification", "pii"});
    ContractField field;
    field.name = node.At("name").AsString();
    field.type = node.StringOr("type", "");
    field.nullable = node.BoolOr("nullable", true);
    field.unique = node.BoolOr("unique", false);
    field.description = node.StringOr("description", "");
    field.classification = node.StringOr("classification", "");
    field.pattern = node.StringOr("pattern", "");
    field.minimum = node.StringOr("minimum", "");
    field.maximum = node.StringOr("maximum", "");
    if (const auto values = node.Find("allowed_values")) field.allowed_values = values->AsStrings();
    if (const auto length = node.Find("min_length")) field.min_length = length->AsInt();
    if (const auto length = node.Find("max_length")) field.max_length = length->AsInt();
    if (const auto rate = node.Find("max_null_rate_pct"))
        field.max_null_rate_pct = rate->AsDouble();
    field.spot = node.Spot();
    return field;
}

std::vector<ContractField> ReadFields(const YamlNode& list) {
    std::vector<ContractField> fields;
    std::set<std::string> names;
    int keys = 0;
    for (const YamlNode& node : list.Items()) {
        ContractField field = ReadField(node);
        if (!names.insert(AsciiLower(field.name)).second)
            throw node.Mistake(fmt::format("the column `{}` stands twice", field.name));
        if (node.BoolOr("primary_key", false)) field.primary_key = ++keys;
        fields.push_back(std::move(field));
    }
    if (fields.empty()) throw list.Mistake("a contract's schema has at least one column");
    return fields;
}

ServiceLevel ReadService(const YamlNode& node) {
    node.OnlyKeys({"max_delay_seconds", "delay_column", "min_daily_volume", "max_null_rate_pct"});
    ServiceLevel service;
    if (const auto delay = node.Find("max_delay_seconds"))
        service.max_delay_seconds = delay->AsInt();
    service.delay_column = node.StringOr("delay_column", "");
    if (const auto volume = node.Find("min_daily_volume"))
        service.min_daily_volume = volume->AsInt();
    if (const auto rate = node.Find("max_null_rate_pct")) {
        service.max_null_rate_pct = rate->AsDouble();
        constexpr double kAll = 100;
        if (*service.max_null_rate_pct < 0 || *service.max_null_rate_pct > kAll)
            throw rate->Mistake("a rate in percent lies between 0 and 100");
    }
    return service;
}

BreakingChangePolicy ReadPolicy(const YamlNode& node) {
    node.OnlyKeys({"notice_days", "approval_required_from", "migration_support"});
    BreakingChangePolicy policy;
    policy.notice_days = node.IntOr("notice_days", 0);
    if (policy.notice_days < 0)
        throw node.At("notice_days").Mistake("days of notice are not negative");
    if (const auto who = node.Find("approval_required_from"))
        policy.approval_required_from = who->AsStrings();
    policy.migration_support = node.BoolOr("migration_support", false);
    return policy;
}

Contract ReadShort(const YamlNode& node, const std::string& file) {
    node.OnlyKeys({"name", "version", "owner", "effective_date", "status", "description", "table",
                   "schema", "sla", "breaking_change_policy", "approved_by"});
    Contract contract;
    contract.file = file;
    contract.name = node.At("name").AsString();
    contract.version = node.At("version").AsString();
    contract.owner = node.StringOr("owner", "");
    contract.status = node.StringOr("status", "");
    contract.effective_date = node.StringOr("effective_date", "");
    contract.tables.push_back(
        {contract.name, node.StringOr("table", contract.name), ReadFields(node.At("schema")), {}});
    if (const auto service = node.Find("sla")) contract.service = ReadService(*service);
    if (const auto policy = node.Find("breaking_change_policy"))
        contract.policy = ReadPolicy(*policy);
    if (const auto who = node.Find("approved_by")) contract.approved_by = who->AsStrings();
    return contract;
}

}  // namespace

const ContractTable* Contract::Find(std::string_view table) const {
    for (const ContractTable& one : tables) {
        if (EqualsIgnoreCase(one.name, table)) return &one;
    }
    return nullptr;
}

Contract ParseContract(std::string_view text, const std::string& file) {
    const YamlNode root = YamlNode::Parse(text, file);
    if (!root.IsMap()) throw root.Mistake("a contract is `contract:` or `kind: DataContract`");
    if (root.Has("kind") || root.Has("apiVersion")) return ParseStandardContract(root, file);
    root.OnlyKeys({"contract"});
    return ReadShort(root.At("contract"), file);
}

}  // namespace tarn::quality
