#include "serve/endpoint_check.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::serve {

namespace {

Error Mistake(const TextSpot& spot, std::string message) {
    return Error(ErrorKind::kInvalidInput, std::move(message)).At(spot);
}

std::vector<engine::TableName> ResolveTables(const Endpoint& endpoint, engine::Session& session) {
    std::vector<engine::TableName> tables;
    for (size_t i = 0; i < endpoint.source.tables.size(); ++i) {
        const std::string& name = endpoint.source.tables[i].second;
        try {
            tables.push_back(session.ResolveName(name));
            session.Snapshot(tables.back());
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::kNotFound) {
                throw Error(ErrorKind::kNotFound,
                            "no table `{}`: run `tarn build` first, or correct the name", name)
                    .At(endpoint.source.table_spots[i]);
            }
            if (error.kind() != ErrorKind::kInvalidInput) throw;
            throw Mistake(endpoint.source.table_spots[i], error.message());
        }
    }
    return tables;
}

// The columns of the source as the engine gives them, without reading a row.
std::vector<engine::ColumnInfo> ProbeColumns(const Endpoint& endpoint,
                                             const std::vector<engine::TableName>& tables,
                                             engine::Session& session) {
    const PageStatement probe = BuildProbeStatement(endpoint, tables);
    try {
        sql::Statement statement;
        statement.text = probe.sql;
        engine::ExecuteOptions options;
        options.parameters = probe.parameters;
        const auto result = session.Execute(statement, options);
        std::vector<engine::ColumnInfo> columns = result->Columns();
        for (std::vector<engine::TextRow> none; result->NextText(none);) none.clear();
        for (const engine::TableVersionUse& use : result->Stats().read) {
            const bool declared =
                std::any_of(tables.begin(), tables.end(), [&](const engine::TableName& table) {
                    return EqualsIgnoreCase(table.ToString(), use.table.ToString());
                });
            if (!declared) {
                throw Mistake(endpoint.source.spot,
                              fmt::format("the SQL reads {} by its name: give it an alias under "
                                          "`tables` and read that",
                                          use.table.ToString()));
            }
        }
        return columns;
    } catch (const Error& error) {
        const bool users =
            error.kind() == ErrorKind::kInvalidInput || error.kind() == ErrorKind::kNotFound;
        if (endpoint.source.sql.empty() || !users || error.spot().file == endpoint.spot.file) throw;
        throw Mistake(endpoint.source.spot, fmt::format("the SQL cannot run: {}", error.message()));
    }
}

const engine::ColumnInfo& FindColumn(const std::vector<engine::ColumnInfo>& columns,
                                     const std::string& name, const TextSpot& spot) {
    std::vector<std::string> names;
    for (const engine::ColumnInfo& column : columns) {
        if (EqualsIgnoreCase(column.name, name)) return column;
        names.push_back(column.name);
    }
    const auto nearest = NearestWord(name, names);
    throw Mistake(spot, fmt::format("the source has no column `{}`{}", name,
                                    nearest ? fmt::format(": did you mean `{}`?", *nearest)
                                            : fmt::format(": it has {}", Join(names, ", "))));
}

void CheckType(ApiType type, const engine::ColumnInfo& column, const TextSpot& spot) {
    if (Fits(type, column.type)) return;
    std::vector<std::string> fitting;
    for (const std::string& name : ApiTypeNames()) {
        if (Fits(ApiTypeOf(name), column.type)) fitting.push_back(name);
    }
    throw Mistake(
        spot, fmt::format("the column `{}` is {} and cannot be served as {}{}", column.name,
                          column.type, NameOf(type),
                          fitting.empty() ? std::string(": cast it in the model")
                                          : fmt::format(": it can be {}", Join(fitting, ", "))));
}

}  // namespace

EndpointTypes CheckEndpoint(const Endpoint& endpoint, engine::Session& session) {
    EndpointTypes types;
    types.tables = ResolveTables(endpoint, session);
    const std::vector<engine::ColumnInfo> columns = ProbeColumns(endpoint, types.tables, session);
    for (const EndpointColumn& column : endpoint.columns) {
        const engine::ColumnInfo& found = FindColumn(columns, column.name, column.spot);
        CheckType(column.type, found, column.spot);
        types.column_types.push_back(found.type);
    }
    for (const EndpointParameter& parameter : endpoint.parameters) {
        if (parameter.column.empty()) continue;
        CheckType(parameter.type, FindColumn(columns, parameter.column, parameter.spot),
                  parameter.spot);
    }
    return types;
}

}  // namespace tarn::serve
