// A dbt project in a folder of its own for one test. For tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"

namespace tarn::pipeline {

class DbtProjectTest : public testing::Test {
protected:
    DbtProjectTest() {
        files_.Write("dbt_project.yml", "name: shop\nmodels: {shop: {+materialized: table}}\n");
        lake_ = std::make_unique<OpenLake>(files_.path(), store_);
    }

    BuildReport Build(const BuildRequest& request = {}) {
        told_.texts.clear();
        return lake_->Build(request, &told_);
    }
    // Builds, and expects that nothing fails.
    BuildReport BuildWell(const BuildRequest& request = {}) {
        BuildReport report = Build(request);
        EXPECT_FALSE(report.HasFailed()) << Messages(report);
        return report;
    }
    Error Refusal(const BuildRequest& request = {}) {
        try {
            Build(request);
        } catch (const Error& error) {
            return error;
        }
        return Error(ErrorKind::kInternal, "nothing was refused");
    }
    // What the model's text comes to, as the only value of its table.
    std::string Rendered(const std::string& expression) {
        files_.Write("models/rendered.sql",
                     "select " + std::string("$q$") + expression + "$q$ as v");
        BuildRequest request;
        request.select = {"rendered"};
        BuildWell(request);
        return lake_->One("SELECT trim(v) FROM main.rendered");
    }

    class Told final : public BuildObserver {
    public:
        void OnMessage(const std::string& words) override { texts.push_back(words); }
        Texts texts;
    };

    LakeFiles files_;
    storage::LocalStore store_;
    std::unique_ptr<OpenLake> lake_;
    Told told_;
};

}  // namespace tarn::pipeline
