#include "engine/duck/file_rewriter.h"

#include <iterator>
#include <map>

#include "base/text.h"
#include "duckdb/main/prepared_statement.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "engine/duck/curve_rewrite.h"
#include "engine/duck/errors.h"
#include "engine/duck/rewrite.h"
#include "engine/duck/row_identity.h"
#include "engine/duck/run_tasks.h"
#include "engine/duck/types.h"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

// Asks the engine itself, once for each partition.
class PartitionCondition {
public:
    PartitionCondition(Core& core, const table::TableMetadata& metadata,
                       const sql::Condition& condition)
        : connection_(*core.database) {
        std::string columns;
        for (const std::string& name : metadata.partition_columns) {
            const auto index = static_cast<size_t>(metadata.schema.Find(name));
            types_.push_back(metadata.schema.fields[index].type);
            if (!columns.empty()) columns += ", ";
            columns += "CAST(? AS " + ToLogicalType(types_.back()).ToString() + ") AS " +
                       duckdb::KeywordHelper::WriteOptionallyQuoted(name);
        }
        if (columns.empty()) Refuse(condition, "the table has no partitions");
        statement_ = connection_.Prepare("SELECT (" + condition.text + ") IS TRUE FROM (SELECT " +
                                         columns + ")");
        if (statement_->HasError()) {
            Refuse(condition,
                   "its partition columns are " + Join(metadata.partition_columns, ", "));
        }
    }

    bool Holds(const std::vector<table::Value>& values) {
        std::string key;
        duckdb::vector<duckdb::Value> arguments;
        for (size_t i = 0; i < values.size(); i++) {
            arguments.push_back(ToDuck(values[i], types_[i]));
            const std::string text = table::ToString(values[i]);
            key += std::to_string(text.size()) + ":" + text;
        }
        const auto known = known_.find(key);
        if (known != known_.end()) return known->second;
        auto result = statement_->Execute(arguments, false);
        if (result->HasError()) result->GetErrorObject().Throw();
        const auto chunk = result->Fetch();
        const bool holds = chunk && chunk->size() == 1 && chunk->GetValue(0, 0).GetValue<bool>();
        known_[key] = holds;
        return holds;
    }

private:
    [[noreturn]] static void Refuse(const sql::Condition& condition, const std::string& why) {
        throw Error(ErrorKind::kInvalidInput,
                    "OPTIMIZE ... WHERE {}: a condition may only name partition columns; {}",
                    condition.text, why);
    }

    duckdb::Connection connection_;
    std::vector<table::Type> types_;
    duckdb::unique_ptr<duckdb::PreparedStatement> statement_;
    std::map<std::string, bool> known_;
};

}  // namespace

std::vector<table::DataFile> FileRewriter::Rewrite(
    const table::SnapshotPtr& snapshot, const std::vector<const upkeep::FileGroup*>& groups,
    const upkeep::FileStyle& style) {
    const auto entry = entry_.WithSnapshot(snapshot);
    if (!style.along.empty()) {
        std::vector<table::DataFile> all;
        for (const upkeep::FileGroup* group : groups) {
            auto files = RewriteAlongCurve(client_, entry, *group, style);
            std::move(files.begin(), files.end(), std::back_inserter(all));
        }
        return all;
    }
    std::vector<TouchedFile> files;
    for (const upkeep::FileGroup* group : groups) {
        for (const table::DataFile& file : group->files) files.push_back({file, {}});
    }
    // A group fits; what comes out may be a little larger, and shall still be one file.
    TableWriter writer(client_, MovedRowsTarget(*entry, style.written_as),
                       {2 * style.target_bytes});
    RunPass(client_, *RowPass::OverRemaining(client_, entry, std::move(files), ToWriter(writer)));
    return writer.Finish(client_);
}

PartitionTest TestOf(Core& core, const table::TableMetadata& metadata,
                     const sql::Condition& condition) {
    const auto test = std::make_shared<PartitionCondition>(core, metadata, condition);
    return [test](const std::vector<table::Value>& values) { return test->Holds(values); };
}

}  // namespace tarn::engine::duck
