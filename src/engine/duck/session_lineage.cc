#include <algorithm>
#include <utility>

#include "base/text.h"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/planner/planner.hpp"
#include "engine/duck/implicit_casts.h"
#include "engine/duck/plan_shape.h"
#include "engine/duck/session.h"
#include "sql/parser.h"

namespace tarn::engine::duck {
namespace {

// The tables that a plan takes for there, while it is made.
class Assuming {
public:
    Assuming(ClientState& state, const AssumedTables& assumed) : state_(state) {
        state_.assumed = &assumed;
    }
    ~Assuming() { state_.assumed = nullptr; }
    Assuming(const Assuming&) = delete;
    Assuming& operator=(const Assuming&) = delete;

private:
    ClientState& state_;
};

}  // namespace

bool DuckSession::WantsLineage(const duckdb::SQLStatement& told) const {
    if (stands_for_.upkeep || stands_for_.show) return false;
    const LineageReading reading = core_.options.lineage;
    if (options_.wants_lineage || reading == LineageReading::kAll) return true;
    return reading == LineageReading::kWrites &&
           told.type != duckdb::StatementType::SELECT_STATEMENT;
}

void DuckSession::ReadView(const duckdb::SQLStatement& told, LineageCapture& lineage) {
    if (told.type != duckdb::StatementType::CREATE_STATEMENT) return;
    const auto& info = *told.Cast<duckdb::CreateStatement>().info;
    if (info.type != duckdb::CatalogType::VIEW_ENTRY) return;
    const auto& view = info.Cast<duckdb::CreateViewInfo>();
    if (view.temporary || !view.query) return;
    duckdb::ClientContext& client = *connection_.context;
    const auto read = [&] {
        duckdb::Planner planner(client);
        planner.CreatePlan(view.query->Copy());
        LineageDataset dataset;
        dataset.kind = DatasetKind::kView;
        dataset.name = {view.schema, view.view_name};
        if (dataset.name.schema.empty()) {
            dataset.name.schema =
                duckdb::ClientData::Get(client).catalog_search_path->GetDefault().schema;
        }
        auto columns = ColumnInfosOf(planner.names, planner.types);
        for (size_t i = 0; i < columns.size() && i < view.aliases.size(); i++)
            columns[i].name = view.aliases[i];
        lineage.ReadView(*planner.plan, std::move(dataset), std::move(columns));
    };
    try {
        client.RunFunctionInTransaction(read);
    } catch (const std::exception&) {
        // What is wrong with the query is said by the statement itself.
        lineage.Forget();
    }
}

// What was just made has its id now; what was just committed has its version.
void DuckSession::KeepLineage(LineageCapture& capture, std::vector<ColumnInfo> answer) {
    auto lineage = capture.Finish(std::move(answer), state_->meter->Views());
    if (!lineage || (lineage->inputs.empty() && !lineage->output)) return;
    if (auto& output = lineage->output; output && output->kind != DatasetKind::kFiles) {
        if (output->id.empty()) {
            if (const auto row = core_.parts.directory.Find(output->name)) {
                output->name = row->name;
                output->id = row->id;
                output->location = row->location;
                if (row->kind == EntryKind::kTable) output->format = row->format;
            }
        }
        StatementStats stats;
        state_->meter->CopyTo(stats);
        for (const TableVersionUse& use : stats.written) {
            if (EqualsIgnoreCase(use.table.ToString(), output->name.ToString()))
                output->version = use.version.number;
        }
    }
    state_->meter->SetLineage(std::move(lineage));
}

void DuckSession::ReadPlan(std::string_view select, const AssumedTables& assumed,
                           const std::function<void(duckdb::Planner&)>& read) {
    const sql::Statement statement{std::string(select)};
    const sql::ParsedStatement understood = sql::Parse(statement, Speaks());
    const auto* query = std::get_if<sql::EngineStatement>(&understood);
    if (query == nullptr)
        throw Error(ErrorKind::kInvalidInput, "only a SELECT has a plan that is only looked at");
    Begin({});
    const Assuming assuming(*state_, assumed);
    const ErrorContext errors(query->source_map, nullptr, state_);
    try {
        auto parsed = ParseOne(query->text);
        duckdb::ClientContext& client = *connection_.context;
        client.RunFunctionInTransaction([&] {
            duckdb::Planner planner(client);
            planner.CreatePlan(std::move(parsed));
            read(planner);
        });
    } catch (const std::exception& exception) {
        errors.Throw(exception);
    }
}

std::shared_ptr<const StatementLineage> DuckSession::LineageOf(std::string_view select,
                                                               const AssumedTables& assumed) {
    LineageCapture capture(state_->temp_lineage);
    std::vector<ColumnInfo> columns;
    std::vector<ImplicitCast> casts;
    ReadPlan(select, assumed, [&](duckdb::Planner& planner) {
        capture.Read(*planner.plan);
        casts = ImplicitCastsOf(*planner.plan);
        columns = ColumnInfosOf(planner.names, planner.types);
    });
    auto lineage = capture.Finish(std::move(columns), state_->meter->Views());
    if (lineage != nullptr) lineage->implicit_casts = std::move(casts);
    return lineage;
}

QueryShape DuckSession::ShapeOf(std::string_view select) {
    QueryShape shape;
    ReadPlan(select, AssumedTables(), [&](duckdb::Planner& planner) {
        shape = PlanShape().Read(*planner.plan, ColumnInfosOf(planner.names, planner.types));
    });
    return shape;
}

}  // namespace tarn::engine::duck
