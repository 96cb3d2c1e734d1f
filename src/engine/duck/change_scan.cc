#include "engine/duck/change_scan.h"

#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/client_state.h"

namespace tarn::engine::duck {

duckdb::TableFunction BindChangeScan(duckdb::ClientContext& client,
                                     std::shared_ptr<TableEntry> entry, table::Version first,
                                     table::Version last, table::ChangeScope scope,
                                     duckdb::unique_ptr<duckdb::FunctionData>& bind_data,
                                     duckdb::vector<duckdb::LogicalType>& types,
                                     duckdb::vector<std::string>& names) {
    if (first > last) {
        throw Error(ErrorKind::kInvalidInput, "the range begins at version {}, behind its end {}",
                    first.number, last.number);
    }
    ClientState& state = ClientState::Of(client);
    state.meter->AddRead({entry->row().name, last, entry->snapshot()->CommittedMs()});
    auto changed = NamingTable(entry->row().name, [&] {
        return entry->core()
            .FormatNamed(entry->row().format)
            .Changes(entry->row().location, first, last, scope);
    });
    auto scan = std::make_shared<ScanInfo>(entry, state.meter, true);
    PlannedFiles files;
    for (table::ChangedFile& file : changed) {
        files.changes.push_back(
            {file.type, std::move(file.unchanged), file.version, file.committed_ms});
        files.files.push_back(std::move(file.file));
    }
    auto function = BindFileScan(client, std::move(scan), std::move(files), bind_data);
    const auto& bound = bind_data->Cast<duckdb::MultiFileBindData>();
    types = bound.types;
    names = bound.names;
    return function;
}

}  // namespace tarn::engine::duck
