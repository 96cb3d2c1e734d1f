// Builds under contracts in force: what would break a promise is not written.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

class ContractBuildTest : public DbtProjectTest {
protected:
    void PutInForce(const std::string& columns) {
        const std::string text =
            "contract:\n  name: orders\n  version: 1\n  table: main.orders\n  schema:\n" + columns;
        lake_->catalog().Contracts().Publish({"orders", "1", text, TimestampUs{}, "me"});
    }
    static constexpr const char* kColumns =
        "    - {name: id, type: int, nullable: false, primary_key: true}\n"
        "    - {name: state, type: string, allowed_values: [open, shut]}\n";

    void Model(const std::string& sql) { files_.Write("models/orders.sql", sql); }
    NodeReport Node() { return Build().nodes.at(0); }
};

TEST_F(ContractBuildTest, ABrokenPromiseFailsTheNodeAndLeavesItsTable) {
    PutInForce(kColumns);
    Model("select 1 as id, 'open' as state, 7 as more");
    EXPECT_EQ(Node().state, NodeState::kDone);
    for (const char* broken :
         {"select 1 as ident, 'open' as state", "select 'x' as id, 'open' as state",
          "select 1 as id, 'opened' as state", "select NULL::int as id, 'open' as state",
          "select 1 as id, unnest(['open', 'shut']) as state"}) {
        Model(broken);
        EXPECT_EQ(Node().state, NodeState::kFailed) << broken;
        EXPECT_EQ(lake_->One("SELECT state || more FROM main.orders"), "open7") << broken;
    }
}

TEST_F(ContractBuildTest, NewRowsOfAnIncrementalModelAreHeldToo) {
    PutInForce(kColumns);
    const std::string head =
        "{{ config(materialized='incremental', incremental_strategy='append') }} ";
    Model(head + "select 1 as id, 'open' as state");
    EXPECT_EQ(Node().state, NodeState::kDone);
    Model(head + "select 2 as id, 'torn' as state");
    EXPECT_EQ(Node().state, NodeState::kFailed);
    Model(head + "select 2 as id, 'shut' as state");
    EXPECT_EQ(Node().state, NodeState::kDone);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM main.orders"), "2");
}

TEST_F(ContractBuildTest, AColumnMayHaveTheNameOfTheServiceLevels) {
    PutInForce("    - {name: sla, type: int, nullable: false}\n");
    Model("select NULL::int as sla");
    EXPECT_EQ(Node().state, NodeState::kFailed);
}

TEST_F(ContractBuildTest, AViewIsHeldToItsColumns) {
    PutInForce(kColumns);
    Model("{{ config(materialized='view') }} select 1 as id");
    EXPECT_EQ(Node().state, NodeState::kFailed);
    Model("{{ config(materialized='view') }} select 1 as id, 'open' as state");
    EXPECT_EQ(Node().state, NodeState::kDone);
}

TEST_F(ContractBuildTest, OtherTablesAreFree) {
    PutInForce(kColumns);
    files_.Write("models/others.sql", "select 'x' as id");
    EXPECT_EQ(Node().state, NodeState::kDone);
}

}  // namespace
}  // namespace tarn::pipeline
