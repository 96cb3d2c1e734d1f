#include "engine/duck/lake_view.h"

#include <utility>

#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "engine/duck/view_query.h"

namespace tarn::engine::duck {

std::shared_ptr<LakeView> LakeView::Make(duckdb::Catalog& lake,
                                         duckdb::SchemaCatalogEntry& in_schema,
                                         const DirectoryEntry& row, std::shared_ptr<Meter> meter) {
    duckdb::CreateViewInfo info(in_schema, row.name.name);
    info.query = ParseViewQuery(row.sql);
    info.sql = "CREATE VIEW " + row.name.name + " AS " + row.sql;
    if (!row.comment.empty()) info.comment = duckdb::Value(row.comment);
    return std::make_shared<LakeView>(lake, in_schema, info, row, std::move(meter));
}

LakeView::LakeView(duckdb::Catalog& lake, duckdb::SchemaCatalogEntry& in_schema,
                   duckdb::CreateViewInfo& info, const DirectoryEntry& row,
                   std::shared_ptr<Meter> meter)
    : ViewCatalogEntry(lake, in_schema, info), row_(row), meter_(std::move(meter)) {}

void LakeView::UpdateBinding(const duckdb::vector<duckdb::LogicalType>& types,
                             const duckdb::vector<std::string>& names) {
    meter_->AddView(row_);
    ViewCatalogEntry::UpdateBinding(types, names);
}

}  // namespace tarn::engine::duck
