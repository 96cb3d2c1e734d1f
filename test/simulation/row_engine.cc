#include "simulation/row_engine.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace tarn::simulation {
namespace {

constexpr size_t kFilesCompacted = 4;
constexpr std::string_view kGone = "-";
constexpr std::string_view kCome = "+";

// A row as the file of a change feed has it: "- 17 30".
std::string ToRecord(std::string_view type, const Rows& rows) {
    std::string text;
    for (const Row& row : rows) text += fmt::format("{} {}", type, ToText({row}));
    return text;
}

void TakeRecord(std::string_view text, RowChanges& changes) {
    for (const std::string& line : Split(text, '\n')) {
        if (line.empty()) continue;
        Rows& rows = line.starts_with(kGone) ? changes.gone : changes.come;
        const Rows row = ParseRows(std::string_view(line).substr(kGone.size() + 1));
        rows.insert(rows.end(), row.begin(), row.end());
    }
}

table::DataFile Describe(const std::string& location, const Rows& rows, uint64_t size_bytes) {
    table::DataFile file;
    file.location = location;
    file.size_bytes = size_bytes;
    file.modified_ms = 1;
    table::FileStatistics statistics;
    statistics.record_count = rows.size();
    const auto [low, high] = std::minmax_element(rows.begin(), rows.end());
    statistics.columns = {{{"id"}, low->id, high->id, 0}};
    file.statistics = std::make_shared<const table::FileStatistics>(std::move(statistics));
    return file;
}

}  // namespace

std::string ToText(const Rows& rows) {
    std::string text;
    for (const Row& row : rows) text += fmt::format("{} {}\n", row.id, row.value);
    return text;
}

Rows ParseRows(std::string_view text) {
    Rows rows;
    for (const std::string& line : Split(text, '\n')) {
        if (line.empty()) continue;
        const auto words = Split(line, ' ');
        const auto id = ParseInt(words.at(0));
        const auto value = words.size() == 2 ? ParseInt(words[1]) : std::nullopt;
        if (!id || !value) throw Error(ErrorKind::kCorrupt, "'{}' is no row", line);
        rows.push_back({*id, *value});
    }
    return rows;
}

int64_t CounterOf(const std::map<std::string, std::string>& properties) {
    const auto found = properties.find(kCounterProperty);
    return found == properties.end() ? 0 : ParseInt(found->second).value_or(0);
}

RowEngine::Seen RowEngine::Read(const table::Snapshot& snapshot, const table::DataFile& file) {
    Seen seen;
    seen.file = file;
    seen.rows = ParseRows(store_.Get(file.location));
    seen.is_hidden.assign(seen.rows.size(), false);
    if (!file.deletion_vector) return seen;
    const auto deleted = snapshot.LoadDeletedRows(file);
    for (size_t i = 0; i < seen.rows.size(); ++i) seen.is_hidden[i] = deleted->Contains(i);
    return seen;
}

Rows RowEngine::ReadAll(const table::Snapshot& snapshot) {
    Rows rows;
    for (const table::DataFile& file : snapshot.Plan(table::Predicate::True()).files) {
        const Seen seen = Read(snapshot, file);
        for (size_t i = 0; i < seen.rows.size(); ++i) {
            if (!seen.is_hidden[i]) rows.push_back(seen.rows[i]);
        }
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

void RowEngine::Write(const std::string& location, std::string_view text) {
    const auto writer = store_.OpenWriter(location);
    writer->Write(text);
    writer->Commit();
}

void RowEngine::Record(const table::Snapshot& base, const RowChanges& changes,
                       table::Change& change) {
    const std::string location =
        base.Location() + "/_change_data/" + NewUuid(world_.clock, world_.random);
    const std::string text = ToRecord(kGone, changes.gone) + ToRecord(kCome, changes.come);
    Write(location, text);
    change.change_data.push_back({location, text.size(), {}});
}

std::map<int64_t, RowChanges> RowEngine::ReadFeed(const std::vector<table::ChangedFile>& feed) {
    std::map<int64_t, RowChanges> by_version;
    for (const table::ChangedFile& changed : feed) {
        RowChanges& changes = by_version[changed.version.number];
        const std::string text = store_.Get(changed.file.location);
        if (changed.type == table::ChangeType::kRecorded) {
            TakeRecord(text, changes);
            continue;
        }
        const Rows rows = ParseRows(text);
        Rows& side = changed.type == table::ChangeType::kInsert ? changes.come : changes.gone;
        for (size_t i = 0; i < rows.size(); ++i) {
            if (!changed.unchanged || !changed.unchanged->Contains(i)) side.push_back(rows[i]);
        }
    }
    for (auto& [version, changes] : by_version) {
        std::sort(changes.gone.begin(), changes.gone.end());
        std::sort(changes.come.begin(), changes.come.end());
    }
    return by_version;
}

void RowEngine::AddFiles(const table::Snapshot& base, Rows rows, bool data_change,
                         table::Change& change) {
    if (rows.size() > 1 && world_.Chance(300)) {
        const auto half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
        AddFiles(base, Rows(rows.begin(), half), data_change, change);
        rows.erase(rows.begin(), half);
    }
    if (rows.empty()) return;
    const std::string location = base.Location() + "/" + NewUuid(world_.clock, world_.random);
    const std::string text = ToText(rows);
    Write(location, text);
    change.add.push_back(Describe(location, rows, text.size()));
    change.add.back().data_change = data_change;
}

// Rows that change go from their files, by hiding them or by writing the file again without them;
// what they become, and the new rows, come in new files. All of it is recorded where not all rows
// of added and removed files have changed.
void RowEngine::Rewrite(const table::Snapshot& base, const Operation& operation, Result& result) {
    result.change.reads = operation.Reads();
    const bool hides = base.Rules().hides_rows && !operation.by_copy;
    const auto& predicates = result.change.reads.predicates;
    const auto plan = base.Plan(predicates.empty() ? table::Predicate::True() : predicates[0]);
    Rows kept;
    RowChanges changes;
    std::vector<Seen> files;
    for (const table::DataFile& file : plan.files) files.push_back(Read(base, file));
    for (const Seen& seen : files) {
        for (size_t i = 0; i < seen.rows.size(); ++i) {
            if (!seen.is_hidden[i] && operation.Reads(seen.rows[i].id)) {
                result.read.push_back(seen.rows[i]);
            }
        }
    }
    std::sort(result.read.begin(), result.read.end());
    const Rows after = operation.Apply(result.read);
    const auto stays = [&](const Row& row) {
        return !operation.Reads(row.id) || std::binary_search(after.begin(), after.end(), row);
    };
    for (const Seen& seen : files) {
        table::RowDeletion gone{seen.file, {}};
        Rows rest;
        for (size_t i = 0; i < seen.rows.size(); ++i) {
            if (seen.is_hidden[i]) continue;
            if (stays(seen.rows[i])) {
                rest.push_back(seen.rows[i]);
            } else {
                gone.rows.push_back(i);
                changes.gone.push_back(seen.rows[i]);
            }
        }
        if (gone.rows.empty()) continue;
        if (hides) {
            result.change.delete_rows.push_back(std::move(gone));
        } else {
            result.change.remove.push_back(seen.file);
            kept.insert(kept.end(), rest.begin(), rest.end());
        }
    }
    std::set_difference(after.begin(), after.end(), result.read.begin(), result.read.end(),
                        std::back_inserter(changes.come));
    if (base.Rules().records_changes && !kept.empty()) Record(base, changes, result.change);
    kept.insert(kept.end(), changes.come.begin(), changes.come.end());
    AddFiles(base, std::move(kept), true, result.change);
}

std::vector<table::DataFile> RowEngine::Copy(const table::Snapshot& snapshot,
                                             const std::vector<table::DataFile>& files) {
    Rows rows;
    for (const table::DataFile& file : files) {
        const Seen seen = Read(snapshot, file);
        for (size_t i = 0; i < seen.rows.size(); ++i) {
            if (!seen.is_hidden[i]) rows.push_back(seen.rows[i]);
        }
    }
    table::Change change;
    AddFiles(snapshot, std::move(rows), false, change);
    return std::move(change.add);
}

void RowEngine::Compact(const table::Snapshot& base, table::Change& change) {
    auto files = base.Plan(table::Predicate::True()).files;
    std::sort(files.begin(), files.end(), [](const auto& left, const auto& right) {
        return left.size_bytes != right.size_bytes ? left.size_bytes < right.size_bytes
                                                   : left.path < right.path;
    });
    if (files.size() < 2) return;
    files.resize(std::min(files.size(), 2 + world_.random.Below(kFilesCompacted - 1)));
    change.add = Copy(base, files);
    for (table::DataFile& file : files) {
        file.data_change = false;
        change.remove.push_back(std::move(file));
    }
}

void RowEngine::CountUp(const table::Snapshot& base, const Operation& operation,
                        table::Change& change) {
    auto metadata = std::make_shared<table::TableMetadata>(base.Metadata());
    metadata->properties[kCounterProperty] = fmt::format("{}", CounterOf(metadata->properties) + 1);
    if (operation.hides_rows) metadata->properties["delta.enableDeletionVectors"] = "true";
    change.metadata = std::move(metadata);
}

RowEngine::Result RowEngine::Execute(const table::Snapshot& base, const Operation& operation) {
    Result result;
    result.change.operation = NameOf(operation.kind);
    switch (operation.kind) {
        case OperationKind::kAppendBatch:
            result.change.transactions = {{operation.app_id, operation.batch}};
            [[fallthrough]];
        case OperationKind::kAppend:
            AddFiles(base, operation.fresh, true, result.change);
            break;
        case OperationKind::kProperty:
            CountUp(base, operation, result.change);
            break;
        case OperationKind::kCompact:
            Compact(base, result.change);
            break;
        default:
            Rewrite(base, operation, result);
    }
    return result;
}

}  // namespace tarn::simulation
