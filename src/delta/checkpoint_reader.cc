#include "delta/checkpoint_reader.h"

#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "delta/arrow_view.h"
#include "delta/checkpoint_actions.h"
#include "delta/file_path.h"
#include "delta/log_path.h"
#include "delta/sidecar_plan.h"

namespace tarn::delta {
namespace {

using Take = std::function<void(Action&&)>;

void ReadParquet(table::ParquetFiles& parquet, const std::string& location, bool with_removes,
                 const Take& take) {
    table::ParquetReadOptions options;
    options.columns = {{"add"}};
    for (const std::string& name : OtherActionColumns(with_removes))
        options.columns.push_back({name});
    std::mutex mutex;
    parquet.Scan(location, options, [&](const ArrowSchema& schema, const ArrowArray& rows) {
        const std::lock_guard lock(mutex);
        const ArrowBatch batch(schema, rows, location);
        for (int64_t row = 0; row < batch.Rows(); ++row) TakeCheckpointRow(batch.Row(row), take);
    });
}

uint64_t BytesOf(const std::vector<storage::ObjectInfo>& files) {
    uint64_t bytes = 0;
    for (const storage::ObjectInfo& file : files) bytes += file.size_bytes;
    return bytes;
}

// Where the sidecars lie: usually bare names in a folder of their own. NotFound when one is gone.
std::vector<storage::ObjectInfo> FindSidecars(storage::ObjectStore& store, const std::string& root,
                                              const std::vector<Sidecar>& sidecars) {
    std::vector<storage::ObjectInfo> files;
    for (const Sidecar& sidecar : sidecars) {
        const bool is_name = sidecar.path.find('/') == std::string::npos;
        const std::string location =
            ResolveLocation(is_name ? SidecarFolder(root) : root, sidecar.path);
        const auto info = store.Stat(location);
        if (!info) {
            throw Error(ErrorKind::kNotFound, "the sidecar {} of a checkpoint is gone", location);
        }
        files.push_back(*info);
    }
    return files;
}

// Actions of some columns only; of a file in JSON all.
void ReadSome(storage::ObjectStore& store, table::ParquetFiles& parquet,
              const storage::ObjectInfo& file, const std::vector<std::string>& names,
              const Take& take) {
    if (ParseLogPath(storage::LastName(file.location)).is_json) {
        return ParseActions(store.Get(file.location), file.location, take);
    }
    table::ParquetReadOptions options;
    for (const std::string& name : names) options.columns.push_back({name});
    std::mutex mutex;
    parquet.Scan(file.location, options, [&](const ArrowSchema& schema, const ArrowArray& rows) {
        const ArrowBatch batch(schema, rows, file.location);
        std::vector<ArrowCell> columns;
        for (const std::string& name : names) columns.push_back(batch.Column(name));
        const std::lock_guard lock(mutex);
        for (int64_t row = 0; row < batch.Rows(); ++row) {
            const bool is_one =
                std::any_of(columns.begin(), columns.end(), [row](const ArrowCell& column) {
                    return !column.IsMissing() && !column.At(row).IsNull();
                });
            if (is_one) TakeCheckpointRow(batch.Row(row), take);
        }
    });
}

}  // namespace

void CheckpointReader::Read(const std::vector<storage::ObjectInfo>& files, const Take& take) {
    std::vector<Sidecar> sidecars;
    const Take take_main = [&](Action&& action) {
        if (auto* sidecar = std::get_if<Sidecar>(&action)) {
            sidecars.push_back(std::move(*sidecar));
        } else if (options_.with_removes || !std::holds_alternative<Remove>(action)) {
            take(std::move(action));
        }
    };
    if (ParseLogPath(storage::LastName(files.front().location)).is_json) {
        for (const storage::ObjectInfo& file : files) {
            ParseActions(store_.Get(file.location), file.location, take_main);
        }
    } else {
        ReadParquetFiles(files, take_main);
    }
    if (!sidecars.empty()) ReadParquetFiles(FindSidecars(store_, root_, sidecars), take);
}

void CheckpointReader::ReadParquetFiles(const std::vector<storage::ObjectInfo>& files,
                                        const Take& take) {
    if (BytesOf(files) < options_.stored_from_bytes) {
        for (const storage::ObjectInfo& file : files) {
            ReadParquet(parquet_, file.location, options_.with_removes, take);
        }
        return;
    }
    chunks_.push_back(std::make_shared<const CheckpointChunk>(store_, parquet_, files,
                                                              options_.with_removes, take));
}

std::vector<Sidecar> ReadSidecars(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                  const storage::ObjectInfo& file) {
    std::vector<Sidecar> sidecars;
    ReadSome(store, parquet, file, {"sidecar"}, [&](Action&& action) {
        if (auto* sidecar = std::get_if<Sidecar>(&action)) sidecars.push_back(std::move(*sidecar));
    });
    return sidecars;
}

void ReadRemoves(storage::ObjectStore& store, table::ParquetFiles& parquet, const std::string& root,
                 const std::vector<storage::ObjectInfo>& files,
                 const std::function<void(Remove&&)>& take) {
    std::vector<Sidecar> sidecars;
    const Take take_one = [&](Action&& action) {
        if (auto* sidecar = std::get_if<Sidecar>(&action)) {
            if (!HoldsAddsOnly(sidecar->path)) sidecars.push_back(std::move(*sidecar));
        } else if (auto* remove = std::get_if<Remove>(&action)) {
            take(std::move(*remove));
        }
    };
    for (const storage::ObjectInfo& file : files) {
        ReadSome(store, parquet, file, {"remove", "sidecar"}, take_one);
    }
    for (const storage::ObjectInfo& file : FindSidecars(store, root, sidecars)) {
        ReadSome(store, parquet, file, {"remove"}, take_one);
    }
}

}  // namespace tarn::delta
