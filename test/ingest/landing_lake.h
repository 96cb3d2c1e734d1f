// A lake for tests of ingest, opened as a process would: over a store that may stop. For tests
// only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "catalog/scratch_folder.h"
#include "delta/format.h"
#include "engine/session.h"
#include "ingest/ingest.h"
#include "ingest/stopping_store.h"
#include "quality/contract_guard.h"
#include "storage/local_store.h"

namespace tarn::ingest_test {

using Counts = std::map<std::string, int64_t>;

// A lake opened as a process would.
class OpenLake {
public:
    explicit OpenLake(const std::string& folder, Stop stop = Stop::kNever, uint64_t at_change = 0)
        : folder_(folder), store_(local_, stop, at_change) {
        catalog_ = catalog::Catalog::Open(catalog::LakeConfig::Load(folder), clock_, random_);
        engine::EngineOptions options;
        options.memory_limit_bytes = uint64_t{1} << 30;
        options.threads = 2;
        engine_ = engine::Engine::Open(options, {store_, *catalog_, policy_, clock_, random_});
        format_ = std::make_unique<delta::Format>(store_, engine_->Parquet(), clock_, random_);
        engine_->AddFormat(*format_);
        session_ = engine_->Connect({"tester", true});
    }

    ingest::TableReport Ingest() {
        ingest::IngestRequest request;
        request.sources = ingest::LoadSources(local_, folder_);
        request.pipeline_version = "tarn test";
        const quality::ContractGuard contracts(*catalog_);
        ingest::IngestParts parts{*session_,         store_,    clock_, random_,
                                  &catalog_->Runs(), &contracts};
        return ingest::Run(request, parts).tables.at(0);
    }

    std::vector<engine::TextRow> Query(const std::string& sql) { return session_->Query(sql); }
    std::string One(const std::string& sql) { return Query(sql).at(0).at(0).value_or("NULL"); }

    Counts RowsByFile() {
        Counts counts;
        for (const auto& row : Query("SELECT source_path, count(*) FROM bronze.t GROUP BY 1")) {
            counts[row.at(0).value()] = std::stoll(row.at(1).value());
        }
        return counts;
    }
    uint64_t Changes() const { return store_.Changes(); }
    catalog::Catalog& Catalog() { return *catalog_; }

private:
    std::string folder_;
    RealClock clock_;
    RealRandom random_;
    storage::LocalStore local_;
    StoppingStore store_;
    engine::LocalOwnerPolicy policy_;
    std::unique_ptr<catalog::Catalog> catalog_;
    std::unique_ptr<engine::Engine> engine_;
    std::unique_ptr<delta::Format> format_;
    std::unique_ptr<engine::Session> session_;
};

// Children are forked while this process has no thread of its own, so each test opens a lake only
// after its children are gone.
class LandingTest : public testing::Test {
protected:
    LandingTest() {
        folder_.Write("tarn.yml", "name: landing_test\n");
        Configure("");
    }

    void Configure(const std::string& more) {
        folder_.Write(
            "sources/src.yml",
            "name: src\nroot: in\ntables:\n  - {table: bronze.t, path: '*', format: ndjson" + more +
                "}\n");
    }

    void Put(const std::string& name, int rows) {
        std::string bytes;
        for (int i = 0; i < rows; ++i) {
            bytes += fmt::format("{{\"file\":\"{}\",\"number\":{}}}\n", name, i);
        }
        folder_.Write("in/" + name, bytes);
    }

    // What a process does before its ingest.
    virtual void Prepare(OpenLake&) {}
    // Runs one ingest in a process of its own; gives its exit status as waitpid does.
    pid_t Start(Stop stop, uint64_t at_change) {
        const pid_t child = fork();
        if (child != 0) return child;
        // A child reports by its exit status only; nothing may unwind into the test runner.
        try {
            OpenLake lake(folder_.path(), stop, at_change);
            Prepare(lake);
            const ingest::TableReport report = lake.Ingest();
            _exit(report.Succeeded() ? 0 : 1);
        } catch (const std::exception& error) {
            fprintf(stderr, "child: %s\n", error.what());
            _exit(2);
        }
    }
    static int Await(pid_t child) {
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        return status;
    }

    catalog::ScratchFolder folder_;
};

}  // namespace tarn::ingest_test
