// The Open Data Contract Standard 3.0 and 3.1 as a Contract. What it says of servers, prices, teams
// and support promises nothing about rows and is passed over.
#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "quality/contract.h"
#include "quality/must_be.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

constexpr std::string_view kPlaces[] = {"version", "id", "status"};

std::string Plain(const YamlNode& node) { return node.IsNull() ? "" : node.AsString(); }

std::string TextOr(const YamlNode& node, std::string_view key) {
    const auto found = node.Find(key);
    return found && found->IsScalar() ? Plain(*found) : "";
}

std::string Number(const YamlNode& node) {
    node.AsDouble();  // the mistake, where it is none
    return node.AsString();
}

// The one operator of a rule, as SQL.
std::string MustBe(const YamlNode& node) {
    std::vector<std::string> said;
    for (const auto& [key, op] : kMustBeOperators) {
        if (const auto value = node.Find(key))
            said.push_back(fmt::format("{} {}", op, Number(*value)));
    }
    for (const auto& [key, range] : kMustBeRanges) {
        const auto between = node.Find(key);
        if (!between) continue;
        const auto items = between->Items();
        if (items.size() != 2) throw between->Mistake("expected two numbers, the smaller first");
        said.push_back(fmt::format("{} {} AND {}", range, Number(items[0]), Number(items[1])));
    }
    if (said.size() == 1) return said[0];
    throw node.Mistake(
        "a rule says one of mustBe, mustNotBe, mustBeGreaterThan, "
        "mustBeGreaterOrEqualTo, mustBeLessThan, mustBeLessOrEqualTo, "
        "mustBeBetween, mustNotBeBetween");
}

// NULL stands for itself among values: it is missing as it is.
std::vector<std::string> Values(const YamlNode& list) {
    std::vector<std::string> values;
    for (const YamlNode& item : list.Items()) {
        if (!item.IsNull()) values.push_back(item.AsString());
    }
    return values;
}

void ReadArguments(const YamlNode& arguments, ContractRule& rule) {
    if (const auto values = arguments.Find("validValues")) rule.valid_values = Values(*values);
    if (const auto values = arguments.Find("missingValues")) rule.missing_values = Values(*values);
    if (const auto pattern = arguments.Find("pattern")) rule.pattern = pattern->AsString();
    if (const auto columns = arguments.Find("properties")) rule.columns = columns->AsStrings();
}

// Texts for people and rules of other engines are not ours to check.
std::optional<ContractRule> ReadRule(const YamlNode& node, const std::string& column) {
    const std::string type = node.StringOr("type", "library");
    if (type != "library" && type != "sql") return std::nullopt;
    ContractRule rule;
    rule.column = column;
    rule.spot = node.Spot();
    rule.only_warns = EqualsIgnoreCase(TextOr(node, "severity"), "warning") ||
                      EqualsIgnoreCase(TextOr(node, "severity"), "warn") ||
                      EqualsIgnoreCase(TextOr(node, "severity"), "info");
    rule.in_percent =
        EqualsIgnoreCase(TextOr(node, "unit"), "percent") || TextOr(node, "unit") == "%";
    rule.must_be = MustBe(node);
    if (type == "sql") {
        rule.query = node.At("query").AsString();
    } else {
        const auto metric = node.Find("metric");
        rule.metric = metric ? metric->AsString() : node.At("rule").AsString();
        const std::vector<std::string> known = {"nullValues", "missingValues", "invalidValues",
                                                "duplicateValues", "rowCount"};
        if (std::count(known.begin(), known.end(), rule.metric) == 0) {
            const auto nearest = NearestWord(rule.metric, known);
            throw(metric ? *metric : node.At("rule"))
                .Mistake(fmt::format("there is no metric `{}`{}", rule.metric,
                                     nearest ? ": did you mean `" + *nearest + "`?" : ""));
        }
        if (const auto arguments = node.Find("arguments")) ReadArguments(*arguments, rule);
    }
    const std::string said = TextOr(node, "name");
    const std::string what = rule.metric.empty() ? "query" : rule.metric;
    rule.name = !said.empty() ? said : column.empty() ? what : column + "." + what;
    return rule;
}

void ReadRules(const YamlNode& node, const std::string& column, ContractTable& table) {
    const auto rules = node.Find("quality");
    if (!rules) return;
    for (const YamlNode& one : rules->Items()) {
        if (auto rule = ReadRule(one, column)) table.rules.push_back(std::move(*rule));
    }
}

void ReadTypeOptions(const YamlNode& node, ContractField& field) {
    const auto options = node.Find("logicalTypeOptions");
    if (!options) return;
    if (const auto length = options->Find("minLength")) field.min_length = length->AsInt();
    if (const auto length = options->Find("maxLength")) field.max_length = length->AsInt();
    field.pattern = TextOr(*options, "pattern");
    const bool is_number = EqualsIgnoreCase(field.type, "integer") ||
                           EqualsIgnoreCase(field.type, "number") ||
                           EqualsIgnoreCase(TextOr(node, "logicalType"), "integer") ||
                           EqualsIgnoreCase(TextOr(node, "logicalType"), "number");
    const auto bound = [&](std::string_view key, std::string& into) {
        const auto said = options->Find(key);
        if (said && said->IsScalar())
            into = is_number ? Number(*said) : sql::QuoteLiteral(said->AsString());
        return said.has_value();
    };
    bound("minimum", field.minimum);
    bound("maximum", field.maximum);
    // A number in 3.1, a boolean beside the bound in 2.
    field.excludes_minimum = bound("exclusiveMinimum", field.minimum);
    field.excludes_maximum = bound("exclusiveMaximum", field.maximum);
}

// The physical type says more, where the engine knows it.
std::string TypeOf(const YamlNode& node) {
    const std::string physical = TextOr(node, "physicalType");
    return physical.empty() ? TextOr(node, "logicalType") : physical;
}

ContractField ReadProperty(const YamlNode& node) {
    ContractField field;
    const std::string physical = TextOr(node, "physicalName");
    field.name = physical.empty() ? node.At("name").AsString() : physical;
    field.type = TypeOf(node);
    field.nullable = !node.BoolOr("required", false);
    field.unique = node.BoolOr("unique", false);
    if (node.BoolOr("primaryKey", false)) {
        const int64_t place = node.IntOr("primaryKeyPosition", 1);
        field.primary_key = place < 1 ? 1 : static_cast<int>(std::min<int64_t>(place, 1'000));
    }
    field.description = TextOr(node, "description");
    field.classification = TextOr(node, "classification");
    field.spot = node.Spot();
    ReadTypeOptions(node, field);
    return field;
}

ContractTable ReadObject(const YamlNode& node) {
    ContractTable table;
    table.name = node.At("name").AsString();
    const std::string physical = TextOr(node, "physicalName");
    table.table = physical.empty() ? table.name : physical;
    ReadRules(node, "", table);
    const auto properties = node.Find("properties");
    if (!properties) return table;
    std::set<std::string> names;
    for (const YamlNode& one : properties->Items()) {
        ContractField field = ReadProperty(one);
        if (!names.insert(AsciiLower(field.name)).second)
            throw one.Mistake(fmt::format("the column `{}` stands twice", field.name));
        ReadRules(one, field.name, table);
        table.fields.push_back(std::move(field));
    }
    return table;
}

constexpr double kSecondsADay = 86'400;

int64_t SecondsOf(const YamlNode& node) {
    const std::string unit = AsciiLower(node.StringOr("unit", "d"));
    const double value = node.At("value").AsDouble();
    double seconds = 0;
    if (unit == "s" || unit.starts_with("second")) seconds = 1;
    if (unit == "m" || unit == "min" || unit.starts_with("minute")) seconds = 60;
    if (unit == "h" || unit == "hr" || unit.starts_with("hour")) seconds = 3'600;
    if (unit == "d" || unit.starts_with("day")) seconds = kSecondsADay;
    if (unit == "w" || unit.starts_with("week")) seconds = 7 * kSecondsADay;
    if (unit == "y" || unit == "yr" || unit.starts_with("year")) seconds = 365 * kSecondsADay;
    if (seconds == 0)
        throw node.At("unit").Mistake(
            fmt::format("`{}` is no unit of time: s, min, h, d, w, y", unit));
    return static_cast<int64_t>(std::llround(value * seconds));
}

void ReadServiceLevel(const YamlNode& node, ServiceLevel& service) {
    const std::string property = AsciiLower(node.At("property").AsString());
    if (property != "latency" && property != "freshness") return;
    service.max_delay_seconds = SecondsOf(node);
    const std::string element = TextOr(node, "element");
    const size_t dot = element.rfind('.');
    if (dot != std::string::npos) service.delay_column = element.substr(dot + 1);
}

// What the standard has no word for.
void ReadCustom(const YamlNode& node, Contract& contract) {
    const std::string property = node.At("property").AsString();
    const auto value = node.Find("value");
    if (!value) return;
    if (property == "noticeDays") contract.policy.notice_days = value->AsInt();
    if (property == "approvalRequiredFrom")
        contract.policy.approval_required_from = value->AsStrings();
    if (property == "migrationSupport") contract.policy.migration_support = value->AsBool();
    if (property == "approvedBy") contract.approved_by = value->AsStrings();
    if (property == "effectiveDate") contract.effective_date = value->AsString();
    if (property == "minDailyVolume") contract.service.min_daily_volume = value->AsInt();
    if (property == "maxNullRatePct") contract.service.max_null_rate_pct = value->AsDouble();
}

// `team` is a list of people in 3.0, a team with members in 3.1.
std::string OwnerOf(const YamlNode& root) {
    const auto team = root.Find("team");
    if (!team) return "";
    const auto members = team->IsMap() ? team->Find("members") : team;
    if (members && members->IsList()) {
        for (const YamlNode& one : members->Items()) {
            const bool is_owner = one.IsMap() && EqualsIgnoreCase(TextOr(one, "role"), "owner");
            if (is_owner && !one.Has("dateOut")) return TextOr(one, "username");
        }
    }
    return team->IsMap() ? TextOr(*team, "name") : "";
}

}  // namespace

Contract ParseStandardContract(const YamlNode& root, const std::string& file) {
    const std::string kind = root.At("kind").AsString();
    if (kind != "DataContract") throw root.At("kind").Mistake("expected `kind: DataContract`");
    const std::string api = root.At("apiVersion").AsString();
    if (!api.starts_with("v3."))
        throw root.At("apiVersion").Mistake("read are v3.0 and v3.1 of the standard");
    for (const std::string_view key : kPlaces) root.At(key);
    Contract contract;
    contract.file = file;
    contract.version = root.At("version").AsString();
    contract.status = root.At("status").AsString();
    contract.name = TextOr(root, "name");
    if (contract.name.empty()) contract.name = TextOr(root, "dataProduct");
    if (contract.name.empty()) contract.name = root.At("id").AsString();
    contract.owner = OwnerOf(root);
    if (const auto schema = root.Find("schema")) {
        for (const YamlNode& object : schema->Items())
            contract.tables.push_back(ReadObject(object));
    }
    if (const auto levels = root.Find("slaProperties")) {
        for (const YamlNode& level : levels->Items()) ReadServiceLevel(level, contract.service);
    }
    if (const auto custom = root.Find("customProperties")) {
        for (const YamlNode& one : custom->Items()) ReadCustom(one, contract);
    }
    return contract;
}

}  // namespace tarn::quality
