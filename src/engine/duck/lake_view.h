// A view of the lake as DuckDB's binder finds it. A plan that is bound through it says so to its
// statement's meter: of the view itself nothing is left in the plan.
#pragma once

#include <memory>

#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "engine/duck/meter.h"
#include "engine/table_directory.h"

namespace tarn::engine::duck {

class LakeView final : public duckdb::ViewCatalogEntry {
public:
    static std::shared_ptr<LakeView> Make(duckdb::Catalog& lake,
                                          duckdb::SchemaCatalogEntry& in_schema,
                                          const DirectoryEntry& row, std::shared_ptr<Meter> meter);
    LakeView(duckdb::Catalog& lake, duckdb::SchemaCatalogEntry& in_schema,
             duckdb::CreateViewInfo& info, const DirectoryEntry& row, std::shared_ptr<Meter> meter);

    // The binder tells what came out, each time that it has put the query in place of the view.
    void UpdateBinding(const duckdb::vector<duckdb::LogicalType>& types,
                       const duckdb::vector<std::string>& names) override;

private:
    const DirectoryEntry row_;
    const std::shared_ptr<Meter> meter_;
};

}  // namespace tarn::engine::duck
