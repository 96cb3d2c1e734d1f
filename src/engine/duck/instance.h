// The engine itself: one DuckDB instance in memory with our file system and the lake attached.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "duckdb.hpp"
#include "engine/duck/store_file_system.h"
#include "engine/session.h"

namespace tarn::engine::duck {

// What every part of the seam can reach: the ports, the formats, the file system. Outlives all of
// them.
class Core {
public:
    Core(const EngineOptions& engine_options, const EngineParts& engine_parts)
        : options(engine_options), parts(engine_parts) {}

    // The format of that name. Unsupported when none was added.
    table::TableFormat& FormatNamed(std::string_view name);
    bool HasFormat(std::string_view name);
    void AddFormat(table::TableFormat& format);

    const EngineOptions options;
    const EngineParts parts;
    StoreFileSystem* files = nullptr;  // owned by the instance
    duckdb::DatabaseInstance* database = nullptr;

private:
    table::TableFormat* Find(std::string_view name);

    std::mutex mutex_;
    std::vector<table::TableFormat*> formats_;
};

}  // namespace tarn::engine::duck
