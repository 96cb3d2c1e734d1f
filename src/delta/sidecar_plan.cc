#include "delta/sidecar_plan.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/check.h"
#include "base/hash.h"
#include "storage/object_store.h"

namespace tarn::delta {
namespace {

constexpr std::string_view kAddsPrefix = "adds-";
// Sidecars up to here are written anew with whatever else is.
constexpr uint64_t kSmallSidecar = 1024;

uint64_t CountLive(const FileSet::Part& part, uint32_t first, uint32_t end) {
    if (!part.dead) return end - first;
    return static_cast<uint64_t>(
        std::count(part.dead->begin() + first, part.dead->begin() + end, false));
}

// By location: sidecars of which every file is live.
std::map<std::string, std::shared_ptr<const StoredSidecar>> WholeSidecars(const FileSet& files,
                                                                          std::string_view prefix,
                                                                          const IsThere& is_there) {
    std::map<std::string, std::shared_ptr<const StoredSidecar>> found;
    std::map<std::string, uint64_t> live;
    for (const FileSet::Part& part : files.Parts()) {
        for (const SidecarPiece& piece : part.chunk->Sidecars()) {
            found.emplace(piece.sidecar->location, piece.sidecar);
            live[piece.sidecar->location] += CountLive(part, piece.first_row, piece.end_row);
        }
    }
    std::erase_if(found, [&](const auto& entry) {
        const StoredSidecar& sidecar = *entry.second;
        return live[entry.first] != sidecar.files ||
               !storage::LastName(entry.first).starts_with(prefix) || !is_there(sidecar);
    });
    return found;
}

// Those to keep: where something is written anyway, small ones are merged into it.
std::set<std::string> Choose(
    const std::map<std::string, std::shared_ptr<const StoredSidecar>>& whole, uint64_t all_files) {
    std::vector<std::pair<uint64_t, std::string>> by_size;
    uint64_t loose = all_files;
    for (const auto& [location, sidecar] : whole) {
        by_size.emplace_back(sidecar->files, location);
        loose -= sidecar->files;
    }
    std::sort(by_size.begin(), by_size.end());
    std::set<std::string> kept;
    for (const auto& [count, location] : by_size) {
        const bool is_merged =
            loose > 0 && count <= std::max(kSmallSidecar, loose) && count <= kFilesPerSidecar / 2;
        if (is_merged) {
            loose += count;
        } else {
            kept.insert(location);
        }
    }
    return kept;
}

// Packs live rows into sidecars.
class Packer {
public:
    explicit Packer(SidecarPlan& plan) : plan_(plan) {}

    void Add(const FileSet::Part& part, uint32_t first, uint32_t end) {
        uint32_t begin = first;
        uint64_t files = 0;
        for (uint32_t row = first; row < end; ++row) {
            if (!part.IsLive(row)) continue;
            if (Room() == files) {
                Put(part, begin, row, files);
                plan_.written.emplace_back();
                begin = row;
                files = 0;
            }
            ++files;
        }
        Put(part, begin, end, files);
    }

private:
    uint64_t Room() const {
        return plan_.written.empty() ? 0 : kFilesPerSidecar - plan_.written.back().files;
    }
    void Put(const FileSet::Part& part, uint32_t first, uint32_t end, uint64_t files) {
        if (files == 0) return;
        plan_.written.back().pieces.push_back({&part, first, end});
        plan_.written.back().files += files;
    }

    SidecarPlan& plan_;
};

}  // namespace

std::string SidecarPrefix(const StatisticsForm& form) {
    std::string name(kAddsPrefix);
    name += form.as_json ? "json" : "";
    if (form.as_struct != nullptr) {
        std::string columns;
        for (const LeafColumn& leaf : form.as_struct->indexed) {
            for (const std::string& part : leaf.path) columns += part + '\0';
            columns += leaf.type.ToString() + '\n';
        }
        for (const table::Field& field : form.as_struct->partition_fields) {
            columns += field.physical_name + '\0' + field.type.ToString() + '\n';
        }
        name += fmt::format("struct{:016x}", Hash128(columns).low);
    }
    return name + "-";
}

bool HoldsAddsOnly(std::string_view name) { return name.starts_with(kAddsPrefix); }

SidecarPlan PlanSidecars(const FileSet& files, std::string_view prefix, const IsThere& is_there) {
    SidecarPlan plan;
    const auto whole = WholeSidecars(files, prefix, is_there);
    const std::set<std::string> kept = Choose(whole, files.Count());
    for (const std::string& location : kept) plan.kept.push_back(whole.at(location));
    Packer packer(plan);
    for (const FileSet::Part& part : files.Parts()) {
        uint32_t next = 0;
        for (const SidecarPiece& piece : part.chunk->Sidecars()) {
            if (!kept.contains(piece.sidecar->location)) continue;
            packer.Add(part, next, piece.first_row);
            next = piece.end_row;
        }
        packer.Add(part, next, part.chunk->Rows());
    }
    return plan;
}

void RememberSidecars(const FileSet& files, const SidecarPlan& plan,
                      const std::vector<std::shared_ptr<const StoredSidecar>>& written) {
    Check(written.size() == plan.written.size(), "every new sidecar was written");
    std::set<std::string> kept;
    for (const auto& sidecar : plan.kept) kept.insert(sidecar->location);
    std::map<const FileChunk*, std::vector<SidecarPiece>> pieces;
    for (const FileSet::Part& part : files.Parts()) {
        for (SidecarPiece& piece : part.chunk->Sidecars()) {
            if (kept.contains(piece.sidecar->location)) {
                pieces[part.chunk.get()].push_back(std::move(piece));
            }
        }
    }
    for (size_t i = 0; i < written.size(); ++i) {
        for (const FilePiece& piece : plan.written[i].pieces) {
            pieces[piece.part->chunk.get()].push_back({piece.first_row, piece.end_row, written[i]});
        }
    }
    for (auto& [chunk, list] : pieces) {
        std::sort(list.begin(), list.end(), [](const SidecarPiece& a, const SidecarPiece& b) {
            return a.first_row < b.first_row;
        });
        chunk->RememberSidecars(std::move(list));
    }
}

}  // namespace tarn::delta
