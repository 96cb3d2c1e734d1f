// A lake in a folder of its own for one test: project files, an open engine, and builds. For tests
// only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/scratch_folder.h"
#include "delta/format.h"
#include "engine/session.h"
#include "pipeline/build.h"
#include "pipeline/loaded_project.h"
#include "pipeline/quarantine.h"
#include "pipeline/replay.h"
#include "storage/local_store.h"

namespace tarn::pipeline {

using Texts = std::vector<std::string>;

// Every part of a lake over one store; closes in the right order.
class OpenLake {
public:
    OpenLake(const std::string& folder, storage::ObjectStore& store) : store_(store) {
        catalog_ = catalog::Catalog::Open(catalog::LakeConfig::Load(folder), clock_, random_);
        engine::EngineOptions options;
        options.memory_limit_bytes = uint64_t{1} << 30;
        engine_ = engine::Engine::Open(options, {store_, *catalog_, policy_, clock_, random_});
        delta_ = std::make_unique<delta::Format>(store_, engine_->Parquet(), clock_, random_);
        engine_->AddFormat(*delta_);
        session_ = engine_->Connect({"tester", true});
    }
    ~OpenLake() {
        session_.reset();
        engine_.reset();
    }

    engine::Session& session() { return *session_; }
    catalog::Catalog& catalog() { return *catalog_; }

    void Run(const std::string& sql) { session_->Run(sql); }

    // Rows as texts, columns joined by "|", NULL as "-".
    Texts Rows(const std::string& sql) {
        Texts rows;
        for (const engine::TextRow& row : session_->Query(sql)) {
            Texts cells;
            for (const auto& cell : row) cells.push_back(cell.value_or("-"));
            rows.push_back(Join(cells, "|"));
        }
        return rows;
    }
    std::string One(const std::string& sql) { return Rows(sql).at(0); }

    BuildReport Build(const BuildRequest& request = {}, BuildObserver* observer = nullptr) {
        BuildObserver silent;
        const BuildParts parts{*catalog_, *session_, store_,
                               clock_,    random_,   observer == nullptr ? silent : *observer,
                               {},        nullptr};
        return pipeline::Build(request, parts);
    }

    // What a build leaves out comes here: rows that were set aside, judged once more.
    ReplayReport Replay(ReplayRequest request) {
        LoadedProject loaded({}, {*catalog_, *session_, store_, nullptr});
        return pipeline::Replay(loaded, {*catalog_, *session_}, std::move(request)).Run();
    }
    pipeline::Quarantine Quarantine() { return {*session_, *catalog_}; }

private:
    RealClock clock_;
    RealRandom random_;
    storage::ObjectStore& store_;
    engine::LocalOwnerPolicy policy_;
    std::unique_ptr<catalog::Catalog> catalog_;
    std::unique_ptr<table::TableFormat> delta_;
    std::unique_ptr<engine::Engine> engine_;
    std::unique_ptr<engine::Session> session_;
};

// "silver.a done", one a node; with the message of what failed or was skipped.
inline Texts States(const BuildReport& report) {
    Texts states;
    for (const NodeReport& node : report.nodes)
        states.push_back(node.id + " " + std::string(NameOf(node.state)));
    return states;
}

// Why what failed did, for the output of a test.
inline std::string Messages(const BuildReport& report) {
    std::string all;
    for (const NodeReport& node : report.nodes) {
        if (!node.message.empty()) all += node.id + ": " + node.message + "\n";
    }
    return all;
}

inline const NodeReport& NodeOf(const BuildReport& report, const std::string& id) {
    for (const NodeReport& node : report.nodes) {
        if (node.id == id) return node;
    }
    throw Error(ErrorKind::kNotFound, "the build has no node {}", id);
}

// in, written, dropped, quarantined, duplicate
inline std::vector<int64_t> Counts(const NodeReport& node) {
    return {node.rows_in, node.rows_written, node.rows_dropped, node.rows_quarantined,
            node.rows_duplicate};
}

class LakeFiles {
public:
    LakeFiles() { folder_.Write("tarn.yml", "name: lake\n"); }
    void Write(const std::string& name, const std::string& text) { folder_.Write(name, text); }
    const std::string& path() const { return folder_.path(); }

private:
    catalog::ScratchFolder folder_;
};

}  // namespace tarn::pipeline
