#include "pipeline/strict_types.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "engine/column_lookup.h"
#include "engine/lineage.h"
#include "pipeline/model_contract.h"
#include "pipeline/table_writer.h"

namespace tarn::pipeline {

bool IsStrict(const Node& node, const std::vector<std::string>& strict_layers) {
    if (node.config.strict) return *node.config.strict;
    return node.model != nullptr && std::find(strict_layers.begin(), strict_layers.end(),
                                              node.model->layer) != strict_layers.end();
}

void CheckTypes(engine::Session& session, const Node& node, const std::string& select,
                const std::optional<engine::TableName>& table) {
    const std::vector<engine::ColumnInfo> given =
        engine::ColumnsOf(session, "(\n" + select + "\n)");
    std::vector<engine::ColumnInfo> there;
    if (table) there = engine::ColumnsOf(session, QuotedTable(*table));
    std::vector<std::string> wrong;
    const auto must_be = [&](const engine::ColumnInfo& column, std::string_view who,
                             const std::string& type) {
        if (column.type == type) return;
        wrong.push_back(fmt::format("`{0}` is {1}, and {2} {3}: CAST({0} AS {3})", column.name,
                                    column.type, who, type));
    };
    for (const engine::ColumnInfo& column : given) {
        const auto declared = std::find_if(
            node.model->columns.begin(), node.model->columns.end(), [&](const ModelColumn& one) {
                return EqualsIgnoreCase(one.name, column.name) && !one.data_type.empty();
            });
        if (declared != node.model->columns.end()) {
            must_be(column, "its YAML says", DeclaredType(session, *node.model, *declared));
        } else if (const auto* had = engine::FindColumn(there, column.name)) {
            must_be(column, "its table has", had->type);
        }
    }
    if (const auto lineage = session.LineageOf(select, engine::AssumedTables())) {
        for (const engine::ImplicitCast& cast : lineage->implicit_casts) {
            wrong.push_back(fmt::format("`{0}` is {1}, and is taken for {2}: CAST({0} AS {2})",
                                        cast.value, cast.from, cast.to));
        }
    }
    if (wrong.empty()) return;
    throw Error(ErrorKind::kInvalidInput, "{} is strict, and casts nothing unasked: {}", node.id,
                Join(wrong, "; "))
        .At({node.File(), 1, 1});
}

}  // namespace tarn::pipeline
