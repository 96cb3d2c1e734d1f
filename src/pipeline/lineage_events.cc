#include "pipeline/lineage_events.h"

#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "pipeline/build.h"
#include "sql/shown_statement.h"

namespace tarn::pipeline {

namespace {

using Json = nlohmann::ordered_json;
using engine::LineageDataset;
using engine::LineageEdge;
using engine::StatementLineage;

constexpr const char* kProducer = "urn:tarn:lakehouse";
constexpr const char* kSchemas = "https://openlineage.io/spec/";
constexpr const char* kRunEvent = "2-0-2/OpenLineage.json#/$defs/RunEvent";

std::string JobTypeOf(const NodeReport& report) {
    if (report.IsTest()) return "TEST";
    return report.kind == "seed" ? "SEED" : report.kind == "snapshot" ? "SNAPSHOT" : "MODEL";
}

// "s3://bucket/a/b" is "a/b" of "s3://bucket"; a path is one of "file".
std::pair<std::string, std::string> SplitLocation(const std::string& location) {
    const size_t scheme = location.find("://");
    if (scheme == std::string::npos) return {"file", location};
    const size_t slash = location.find('/', scheme + 3);
    if (slash == std::string::npos) return {location, "/"};
    return {location.substr(0, slash), location.substr(slash + 1)};
}

Json Transformation(const LineageEdge& edge) {
    return {{"type", engine::IsDirect(edge.effect) ? "DIRECT" : "INDIRECT"},
            {"subtype", engine::NameOf(edge.effect)},
            {"description", ""},
            {"masking", edge.masking}};
}

std::string Dump(const Json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

Json LineageEvents::Facet(const std::string& schema, Json fields) const {
    Json facet{{"_producer", kProducer}, {"_schemaURL", kSchemas + schema}};
    facet.update(fields);
    return facet;
}

Json LineageEvents::Event(const std::string& type, const std::string& run_id,
                          const std::string& job, const std::string& job_type) const {
    Json event{
        {"eventType", type},
        {"eventTime", FormatTimestamp(clock_.Now())},
        {"run", {{"runId", run_id}, {"facets", Json::object()}}},
        {"job", {{"namespace", options_.job_namespace}, {"name", job}, {"facets", Json::object()}}},
        {"inputs", Json::array()},
        {"outputs", Json::array()},
        {"producer", kProducer},
        {"schemaURL", std::string(kSchemas) + kRunEvent}};
    event["run"]["facets"]["processing_engine"] =
        Facet("facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet",
              {{"version", options_.version}, {"name", "tarn"}});
    event["job"]["facets"]["jobType"] =
        Facet("facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
              {{"processingType", "BATCH"}, {"integration", "TARN"}, {"jobType", job_type}});
    return event;
}

void LineageEvents::Send(const Json& event) { options_.sink->Send(Dump(event)); }

void LineageEvents::BuildStarts(const std::string& build_id, const std::string& command) {
    build_id_ = build_id;
    command_ = command;
    has_told_ = false;
    running_.clear();
}

void LineageEvents::TellOfBuild() {
    if (std::exchange(has_told_, true)) return;
    Send(Event("START", build_id_, options_.lake + "." + command_, "BUILD"));
}

void LineageEvents::NodeStarts(const NodeReport& report) {
    if (!IsOn() || running_ == report.run_id) return;
    TellOfBuild();
    running_ = report.run_id;
    Json event = Event("START", report.run_id, report.id, JobTypeOf(report));
    const Json parent{
        {"run", {{"runId", build_id_}}},
        {"job", {{"namespace", options_.job_namespace}, {"name", options_.lake + "." + command_}}}};
    event["run"]["facets"]["parent"] =
        Facet("facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet", parent);
    Send(event);
}

Json LineageEvents::NameOf(const LineageDataset& dataset) const {
    using engine::DatasetKind;
    if (dataset.kind == DatasetKind::kFiles || !dataset.location.empty()) {
        auto [space, name] = SplitLocation(dataset.location);
        return {{"namespace", std::move(space)}, {"name", std::move(name)}};
    }
    return {{"namespace", "tarn://" + options_.lake}, {"name", dataset.name.ToString()}};
}

Json LineageEvents::Dataset(const LineageDataset& dataset) const {
    Json json = NameOf(dataset);
    Json facets = Json::object();
    facets["dataSource"] = Facet(
        "facets/1-0-1/DatasourceDatasetFacet.json#/$defs/"
        "DatasourceDatasetFacet",
        {{"name", options_.lake}, {"uri", "tarn://" + options_.lake}});
    if (!dataset.format.empty()) {
        facets["storage"] =
            Facet("facets/1-0-1/StorageDatasetFacet.json#/$defs/StorageDatasetFacet",
                  {{"storageLayer",
                    dataset.kind == engine::DatasetKind::kTable ? dataset.format : "file"},
                   {"fileFormat",
                    dataset.kind == engine::DatasetKind::kTable ? "parquet" : dataset.format}});
    }
    if (!dataset.name.name.empty() && !dataset.location.empty()) {
        const Json symlink{{"namespace", "tarn://" + options_.lake},
                           {"name", dataset.name.ToString()},
                           {"type", "TABLE"}};
        facets["symlinks"] =
            Facet("facets/1-0-1/SymlinksDatasetFacet.json#/$defs/SymlinksDatasetFacet",
                  {{"identifiers", Json::array({symlink})}});
    }
    if (dataset.version) {
        facets["version"] =
            Facet("facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet",
                  {{"datasetVersion", std::to_string(*dataset.version)}});
    }
    json["facets"] = std::move(facets);
    return json;
}

Json LineageEvents::ColumnLineage(const StatementLineage& lineage) const {
    // By output column, then by input and column: what all its edges say.
    std::map<std::string, std::map<std::pair<size_t, std::string>, Json>> by_output;
    for (const LineageEdge& edge : lineage.edges) {
        Json& field = by_output[edge.output][{edge.input, edge.column}];
        if (field.is_null()) {
            field = NameOf(lineage.inputs[edge.input]);
            field["field"] = edge.column;
            field["transformations"] = Json::array();
        }
        field["transformations"].push_back(Transformation(edge));
    }
    const auto list = [](const auto& fields) {
        Json all = Json::array();
        for (const auto& [key, field] : fields) all.push_back(field);
        return all;
    };
    Json facet{{"fields", Json::object()}};
    for (const engine::ColumnInfo& column : lineage.columns) {
        const auto found = by_output.find(column.name);
        if (found != by_output.end())
            facet["fields"][column.name] = {{"inputFields", list(found->second)}};
    }
    facet["dataset"] = list(by_output[""]);
    return Facet("facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
                 std::move(facet));
}

Json LineageEvents::Output(const StatementLineage& lineage, const NodeReport& report) const {
    Json output = Dataset(*lineage.output);
    Json fields = Json::array();
    for (const engine::ColumnInfo& column : lineage.columns)
        fields.push_back({{"name", column.name}, {"type", column.type}});
    output["facets"]["schema"] =
        Facet("facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
              {{"fields", std::move(fields)}});
    if (!lineage.edges.empty()) output["facets"]["columnLineage"] = ColumnLineage(lineage);
    const bool is_target = EqualsIgnoreCase(lineage.output->name.ToString(), report.id);
    if (is_target && lineage.output->kind == engine::DatasetKind::kTable) {
        output["outputFacets"]["outputStatistics"] = Facet(
            "facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/"
            "OutputStatisticsOutputDatasetFacet",
            {{"rowCount", report.rows_written},
             {"size", report.bytes_written},
             {"fileCount", report.files_written}});
    }
    return output;
}

Json LineageEvents::Tested(const NodeReport& report, const engine::TableName& table,
                           const std::string& column) const {
    LineageDataset dataset;
    dataset.name = table;
    if (const auto row = directory_.Find(table)) {
        dataset.name = row->name;
        dataset.location = row->location;
        const bool is_view = row->kind == engine::EntryKind::kView;
        if (is_view) dataset.kind = engine::DatasetKind::kView;
        if (!is_view) dataset.format = row->format;
    }
    Json input = Dataset(dataset);
    const bool holds = report.state == NodeState::kDone;
    Json assertion{{"assertion", report.id},
                   {"success", holds},
                   {"severity", report.state == NodeState::kWarned ? "warn" : "error"}};
    if (!column.empty()) assertion["column"] = column;
    if (report.failures) assertion["actual"] = std::to_string(*report.failures);
    input["inputFacets"]["dataQualityAssertions"] = Facet(
        "facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/"
        "DataQualityAssertionsDatasetFacet",
        {{"assertions", Json::array({assertion})}});
    return input;
}

void LineageEvents::AddError(const NodeReport& report, Json& event) const {
    if (report.state != NodeState::kFailed) return;
    event["run"]["facets"]["errorMessage"] = Facet(
        "facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
        {{"message", CutText(report.message, kMostMessageBytes)}, {"programmingLanguage", "SQL"}});
}

void LineageEvents::NodeEnds(const NodeReport& report,
                             const std::optional<engine::TableName>& tested,
                             const std::string& tested_column) {
    const bool did_nothing =
        report.state == NodeState::kSkipped || report.state == NodeState::kUpToDate;
    if (!IsOn() || (did_nothing && running_ != report.run_id)) return;
    NodeStarts(report);
    running_.clear();
    const char* const type = report.is_cancelled                  ? "ABORT"
                             : report.state == NodeState::kFailed ? "FAIL"
                                                                  : "COMPLETE";
    Json event = Event(type, report.run_id, report.id, JobTypeOf(report));
    event["run"]["facets"]["parent"] = Facet(
        "facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet",
        {{"run", {{"runId", build_id_}}},
         {"job",
          {{"namespace", options_.job_namespace}, {"name", options_.lake + "." + command_}}}});
    const std::string& sql = report.statement.empty() ? report.compiled : report.statement;
    if (!sql.empty()) {
        event["job"]["facets"]["sql"] =
            Facet("facets/1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet",
                  {{"query", sql::WithoutSecrets(sql, kMostSqlBytes, sql::Dialect::kTarn)},
                   {"dialect", "tarn"}});
    }
    AddError(report, event);
    std::set<std::string> known;
    for (const auto& lineage : report.lineages) {
        for (const LineageDataset& input : lineage->inputs) {
            Json json = Dataset(input);
            const std::string name =
                Dump(NameOf(input)) +
                (json["facets"].contains("version") ? json["facets"]["version"].dump() : "");
            if (known.insert(name).second) event["inputs"].push_back(std::move(json));
        }
        if (lineage->output) event["outputs"].push_back(Output(*lineage, report));
    }
    if (tested) event["inputs"].push_back(Tested(report, *tested, tested_column));
    Send(event);
}

void LineageEvents::BuildEnds(const BuildReport& report, bool is_cancelled) {
    if (!IsOn() || !has_told_) return;
    const bool has_failed = report.HasFailed();
    const char* const type = is_cancelled ? "ABORT" : has_failed ? "FAIL" : "COMPLETE";
    Json event = Event(type, build_id_, options_.lake + "." + command_, "BUILD");
    if (has_failed) {
        event["run"]["facets"]["errorMessage"] =
            Facet("facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
                  {{"message", fmt::format("{} nodes failed, {} were skipped",
                                           report.Count(NodeState::kFailed),
                                           report.Count(NodeState::kSkipped))},
                   {"programmingLanguage", "SQL"}});
    }
    Send(event);
}

}  // namespace tarn::pipeline
