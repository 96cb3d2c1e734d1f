// What those below refuse who know a table only by its folder, said of the table by its name.
#pragma once

#include <utility>

#include "base/error.h"
#include "engine/table_directory.h"

namespace tarn::engine::duck {

// The same failure with the table's name before its words and among its facts; as it is when it has
// such a fact already.
Error AboutTable(const TableName& name, const Error& error);

// What the function throws leaves it so.
template <typename Function>
decltype(auto) NamingTable(const TableName& name, Function&& function) {
    try {
        return std::forward<Function>(function)();
    } catch (const Error& error) {
        throw AboutTable(name, error);
    }
}

}  // namespace tarn::engine::duck
