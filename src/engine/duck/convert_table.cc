#include "engine/duck/convert_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "engine/duck/about_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/foreign_parquet.h"
#include "engine/duck/named_table.h"
#include "engine/duck/new_table.h"
#include "engine/duck/run_tasks.h"
#include "engine/duck/types.h"
#include "engine/duck/values.h"
#include "table/schema_edit.h"
#include "upkeep/foreign_files.h"

namespace tarn::engine::duck {
namespace {

constexpr std::string_view kParquet = "parquet";

// How many footers a thread reads before it looks whether it is to stop.
constexpr size_t kFilesATask = 64;

void NoteConverted(duckdb::ClientContext& client, const std::string& table) {
    ClientState::Of(client).meter->AddNotice(table +
                                             " is a Delta table already: nothing to convert");
}

// The folder that is named; nothing, with a notice, for a table of the lake.
std::optional<std::string> FolderNamed(duckdb::ClientContext& client,
                                       const sql::ConvertTable& statement) {
    const auto& parts = statement.table.parts;
    if (parts.size() == 2 && EqualsIgnoreCase(parts[0], kParquet)) return FolderOf(parts[1]);
    if (parts.size() == 2 && EqualsIgnoreCase(parts[0], "iceberg")) {
        throw Error(ErrorKind::kUnsupported,
                    "CONVERT TO DELTA of an Iceberg table is not supported yet: use CREATE TABLE "
                    "... AS SELECT")
            .At(SpotOf(statement.table.position));
    }
    if (FindLakeTable(client, NamedTable::Of(client, statement.table)) == nullptr) {
        throw Error(ErrorKind::kNotFound,
                    "there is no table {}; a folder of Parquet files is named by its path: CONVERT "
                    "TO DELTA parquet.`/folder`",
                    statement.table.ToSql())
            .At(SpotOf(statement.table.position));
    }
    NoteConverted(client, statement.table.ToSql());
    return std::nullopt;
}

std::vector<upkeep::ForeignFile> FilesToConvert(Core& core, const sql::ConvertTable& statement,
                                                const std::string& folder) {
    std::vector<std::string> partitions;
    for (const auto& column : statement.partition_columns) partitions.push_back(column.first);
    auto files = upkeep::FindForeignFiles(core.parts.store, folder, partitions);
    if (!files.empty()) return files;
    throw Error(ErrorKind::kNotFound,
                "there are no files to convert below {}: files and folders that begin with _ or . "
                "are not looked at",
                folder);
}

class Conversion {
public:
    Conversion(duckdb::ClientContext& client, const sql::ConvertTable& statement, Core& core,
               std::string folder)
        : client_(client), statement_(statement), core_(core), folder_(std::move(folder)) {}

    table::TableMetadata Metadata() {
        files_ = FilesToConvert(core_, statement_, folder_);
        ReadFooters();
        table::TableMetadata metadata;
        metadata.schema.fields = Columns();
        for (const auto& field : partition_fields_) {
            metadata.partition_columns.push_back(field.name);
            metadata.schema.fields.push_back(field);
        }
        CheckDistinct(metadata.schema.fields);
        return metadata;
    }

    table::Change Change() {
        table::Change change;
        change.operation = "CONVERT";
        nlohmann::json columns = nlohmann::json::array();
        for (const auto& field : partition_fields_) columns.push_back(field.name);
        const std::string count = std::to_string(files_.size());
        change.parameters = {{"numFiles", count},
                             {"partitionedBy", nlohmann::json(columns.dump()).dump()},
                             {"collectStats", statement_.has_statistics ? "true" : "false"}};
        change.metrics = {{"numConvertedFiles", count}};
        for (size_t i = 0; i < files_.size(); ++i) change.add.push_back(DataFileOf(i));
        return change;
    }

private:
    void ReadFooters() {
        footers_.resize(files_.size());
        std::vector<std::function<void()>> tasks;
        for (size_t first = 0; first < files_.size(); first += kFilesATask) {
            tasks.emplace_back([this, first] {
                if (client_.IsInterrupted()) throw duckdb::InterruptException();
                const size_t end = std::min(first + kFilesATask, files_.size());
                for (size_t i = first; i < end; ++i)
                    footers_[i] = ReadForeignParquet(client_, files_[i].info.location);
            });
        }
        RunTasks(client_, std::move(tasks));
    }

    // Those of all files; the columns of the folders stand for those of the same name in files.
    std::vector<table::Field> Columns() {
        std::vector<std::string> notices;
        for (const auto& [name, type] : statement_.partition_columns) {
            table::Field field;
            field.name = name;
            field.physical_name = name;
            field.type =
                ToTableType(duckdb::TransformStringToLogicalType(type, client_), name, notices);
            partition_fields_.push_back(std::move(field));
        }
        std::vector<table::Field> fields = footers_[0].fields;
        notices.insert(notices.end(), footers_[0].notices.begin(), footers_[0].notices.end());
        for (size_t i = 1; i < files_.size(); ++i) {
            MergeForeignFields(fields, files_[0].info.location, footers_[i].fields,
                               files_[i].info.location);
        }
        std::erase_if(fields, [&](const table::Field& field) { return IsPartition(field.name); });
        for (std::string& notice : notices)
            ClientState::Of(client_).meter->AddNotice(std::move(notice));
        return fields;
    }

    bool IsPartition(const std::string& column) const {
        return table::FindField(partition_fields_, column) >= 0;
    }

    table::Value PartitionValue(const table::Field& field, const std::optional<std::string>& text,
                                const std::string& location) {
        // The log has the empty text for NULL (PROTOCOL.md, "Partition Value Serialization").
        if (!text || text->empty()) return {};
        duckdb::Value typed;
        std::string problem;
        if (!duckdb::Value(*text).DefaultTryCastAs(ToLogicalType(field.type), typed, &problem)) {
            throw Error(ErrorKind::kInvalidInput,
                        "{}: {} = {} is no {}; name another type in PARTITIONED BY", location,
                        field.name, *text, field.type.ToString());
        }
        return FromDuck(typed, field.type);
    }

    table::DataFile DataFileOf(size_t i) {
        const upkeep::ForeignFile& found = files_[i];
        table::DataFile file;
        file.location = found.info.location;
        file.size_bytes = found.info.size_bytes;
        file.modified_ms = found.info.modified_ms;
        for (size_t column = 0; column < partition_fields_.size(); ++column) {
            file.partition_values.push_back(PartitionValue(
                partition_fields_[column], found.partition_texts[column], file.location));
        }
        if (!statement_.has_statistics) return file;
        auto statistics =
            std::make_shared<table::FileStatistics>(std::move(footers_[i].statistics));
        std::erase_if(statistics->columns, [&](const table::ColumnStatistics& column) {
            return IsPartition(column.path[0]);
        });
        file.statistics = std::move(statistics);
        return file;
    }

    duckdb::ClientContext& client_;
    const sql::ConvertTable& statement_;
    Core& core_;
    const std::string folder_;
    std::vector<upkeep::ForeignFile> files_;
    std::vector<ForeignParquet> footers_;  // of each file
    std::vector<table::Field> partition_fields_;
};

// Where the table will be.
struct FolderToConvert {
    std::string folder;
    SchemaEntry& in_schema;
    NewTarget target;
};

// Nothing, with a notice, where there is a table already.
std::optional<FolderToConvert> FindFolder(duckdb::ClientContext& client,
                                          const sql::ConvertTable& statement) {
    const auto folder = FolderNamed(client, statement);
    if (!folder) return std::nullopt;
    SchemaEntry& in_schema = SchemaOf(client, {{"delta", *folder}, statement.table.position});
    Core& core = in_schema.Lake().core();
    if (!core.parts.store.Handles(*folder)) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: expected an absolute path or a URL of a known store", *folder)
            .At(SpotOf(statement.table.position));
    }
    if (core.FormatNamed("delta").Exists(*folder)) {
        NoteConverted(client, *folder);
        return std::nullopt;
    }
    auto target =
        FindTarget(client, in_schema, *folder, duckdb::OnCreateConflict::ERROR_ON_CONFLICT);
    return FolderToConvert{*folder, in_schema, *std::move(target)};
}

}  // namespace

upkeep::PlannedSteps StepsOfConversion(duckdb::ClientContext& client,
                                       const sql::ConvertTable& statement) {
    const auto found = FindFolder(client, statement);
    if (!found) return {};
    Core& core = found->in_schema.Lake().core();
    upkeep::PlannedStep step{"add"};
    step.files = 0;
    step.bytes = 0;
    step.detail = statement.has_statistics ? "with the statistics of their footers" : "";
    for (const auto& file : FilesToConvert(core, statement, found->folder)) {
        ++*step.files;
        *step.bytes += file.info.size_bytes;
    }
    return {std::move(step)};
}

void ConvertTable(duckdb::ClientContext& client, const sql::ConvertTable& statement) {
    const auto found = FindFolder(client, statement);
    if (!found) return;
    SchemaEntry& in_schema = found->in_schema;
    Conversion conversion(client, statement, in_schema.Lake().core(), found->folder);
    TablePlan plan = PlanTarget(client, in_schema, found->target, conversion.Metadata(), nullptr,
                                table::Definition::kConverts);
    plan.creation.change = conversion.Change();
    LakeTransaction::Of(client, in_schema.ParentCatalog()).StageCreation(std::move(plan.creation));
}

}  // namespace tarn::engine::duck
