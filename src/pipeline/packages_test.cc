#include "pipeline/packages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/scratch_folder.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PackagesTest : public testing::Test {
protected:
    std::vector<std::string> Found() {
        std::vector<std::string> words;
        for (const FoundPackage& package : FindPackages(folder_.path(), {}, {}))
            words.push_back(package.name + " " + package.version + " " + package.folder);
        return words;
    }
    Error Refusal() {
        try {
            Found();
        } catch (const Error& error) {
            return error;
        }
        return Error(ErrorKind::kInternal, "nothing was refused");
    }
    catalog::ScratchFolder folder_;
};

TEST_F(PackagesTest, AProjectMayNeedNone) {
    EXPECT_THAT(Found(), IsEmpty());
    folder_.Write("packages.yml", "# nothing yet\n");
    EXPECT_THAT(Found(), IsEmpty());
    folder_.Write("packages.yml", "packages:\n");
    EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(PackagesTest, FindsThoseOfPathsAndThoseThatLieThere) {
    folder_.Write(
        "packages.yml",
        "packages:\n  - package: dbt-labs/dbt_utils\n    version: [\">=1.0.0\", \"<2.0.0\"]\n"
        "  - local: ../shelf\n  - git: https://example.com/a/dbt-codegen.git\n"
        "    revision: 0.12.0\n");
    const std::string base = folder_.path();
    folder_.Write("dbt_packages/dbt_utils/dbt_project.yml", "name: dbt_utils\nversion: 1.3.0\n");
    folder_.Write("dbt_packages/generator/dbt_project.yml", "name: codegen\n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kNotFound);
    EXPECT_EQ(Refusal().spot().line, 4);
    folder_.Write("packages.yml",
                  "packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.3.0\n"
                  "  - local: shelf\n  - git: https://example.com/a/dbt-codegen.git\n");
    folder_.Write("shelf/dbt_project.yml", "name: shelf\n");
    EXPECT_THAT(Found(), ElementsAre("dbt_utils 1.3.0 dbt_packages/dbt_utils/", "shelf  shelf/",
                                     "codegen  dbt_packages/generator/"));
}

TEST_F(PackagesTest, WhatPackagesNeedIsNeededToo) {
    folder_.Write("dependencies.yml", "packages: [{local: one}]\nprojects: [{name: other}]\n");
    folder_.Write("one/dbt_project.yml", "name: one\n");
    folder_.Write("one/packages.yml", "packages: [{local: ../two}, {package: x/three}]\n");
    folder_.Write("two/dbt_project.yml", "name: two\n");
    folder_.Write("two/packages.yml", "packages: [{local: ../one}]\n");
    const Error error = Refusal();
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    EXPECT_EQ(error.spot().file, "one/packages.yml");
    folder_.Write("dbt_packages/three/dbt_project.yml", "name: three\n");
    EXPECT_THAT(Found(), ElementsAre("one  one/", "two  two/", "three  dbt_packages/three/"));
}

}  // namespace
}  // namespace tarn::pipeline
