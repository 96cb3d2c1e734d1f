#include "engine/duck/dropped_columns.h"

#include <algorithm>
#include <functional>

#include <parquet_reader.hpp>

#include "duckdb/common/exception.hpp"
#include "engine/duck/column_match.h"
#include "engine/duck/run_tasks.h"
#include "engine/duck/store_file_system.h"

namespace tarn::engine::duck {
namespace {

using Node = duckdb::ParquetColumnSchema;
using Nodes = std::vector<Node>;
using table::TypeKind;

// How many footers a thread reads before it looks whether it is to stop.
constexpr size_t kFilesATask = 64;

class Looker {
public:
    Looker(const duckdb_parquet::FileMetaData& footer, const std::string& location, bool by_id)
        : elements_(footer.schema), match_(elements_, location, by_id) {}

    // `others`: names that columns may have besides.
    bool HoldsMore(const Nodes& nodes, const std::vector<table::Field>& fields,
                   const std::vector<std::string>& others) const {
        std::vector<const table::Field*> wanted;
        for (const table::Field& field : fields) wanted.push_back(&field);
        const std::vector<int> matches = match_.Find(nodes, wanted, "");
        std::vector<const table::Field*> of_node(nodes.size());
        for (size_t i = 0; i < fields.size(); ++i) {
            if (matches[i] >= 0) of_node[static_cast<size_t>(matches[i])] = &fields[i];
        }
        for (size_t i = 0; i < nodes.size(); ++i) {
            const std::string& name = ElementOf(elements_, nodes[i]).name;
            if (of_node[i] == nullptr) {
                if (std::find(others.begin(), others.end(), name) == others.end()) return true;
            } else if (HoldsMoreWithin(nodes[i], of_node[i]->type)) {
                return true;
            }
        }
        return false;
    }

private:
    bool HoldsMoreWithin(const Node& node, const table::Type& type) const {
        const auto& parts = type.children();
        if (type.kind() == TypeKind::kStruct) return HoldsMore(node.children, parts, {});
        if (node.children.size() != 1) return false;
        const Node& inner = node.children[0];
        if (type.kind() == TypeKind::kArray) return HoldsMoreWithin(inner, parts[0].type);
        if (type.kind() != TypeKind::kMap || inner.children.size() != 2) return false;
        return HoldsMoreWithin(inner.children[0], parts[0].type) ||
               HoldsMoreWithin(inner.children[1], parts[1].type);
    }

    const SchemaElements& elements_;
    const ColumnMatch match_;
};

bool HoldsDroppedColumns(duckdb::ClientContext& client, const table::Snapshot& snapshot,
                         const std::string& location) {
    const duckdb::ParquetReader reader(client, StoreFileSystem::FileToRead(location),
                                       duckdb::ParquetOptions(client));
    const table::Schema& schema = snapshot.Metadata().schema;
    std::vector<std::string> others;
    if (const auto tracking = snapshot.Rules().row_tracking)
        others = {tracking->row_id_column, tracking->commit_version_column};
    return Looker(*reader.GetFileMetadata(), location, schema.by_id)
        .HoldsMore(reader.root_schema->children, schema.fields, others);
}

}  // namespace

std::set<std::string> FilesWithDroppedColumns(duckdb::ClientContext& client,
                                              const table::Snapshot& snapshot,
                                              const std::vector<table::DataFile>& files) {
    const auto& fields = snapshot.Metadata().schema.fields;
    const bool has_identities = std::any_of(
        fields.begin(), fields.end(), [](const table::Field& field) { return field.field_id > 0; });
    if (!has_identities) return {};
    std::vector<char> holds(files.size());
    std::vector<std::function<void()>> tasks;
    for (size_t first = 0; first < files.size(); first += kFilesATask) {
        tasks.emplace_back([&, first] {
            if (client.IsInterrupted()) throw duckdb::InterruptException();
            const size_t end = std::min(first + kFilesATask, files.size());
            for (size_t i = first; i < end; ++i)
                holds[i] = HoldsDroppedColumns(client, snapshot, files[i].location) ? 1 : 0;
        });
    }
    RunTasks(client, std::move(tasks));
    std::set<std::string> found;
    for (size_t i = 0; i < files.size(); ++i) {
        if (holds[i] != 0) found.insert(files[i].location);
    }
    return found;
}

}  // namespace tarn::engine::duck
