// Packages that a project names in packages.yml and dependencies.yml, and whether they are there:
// below the folder of packages, or where a path says. Nothing is ever downloaded.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "pipeline/dbt_project.h"

namespace tarn::pipeline {

inline constexpr std::array<const char*, 2> kPackageFiles = {"packages.yml", "dependencies.yml"};

// One entry of such a file.
struct PackageEntry {
    std::string said;                // as it stands: "dbt-labs/dbt_utils", a git address, a path
    std::string asked;               // the version or revision; empty: any
    std::string local;               // of a package by its path: its folder, "../shared/"
    std::vector<std::string> names;  // what it may be called, where it is named by no path
    TextSpot spot;
};

// `folder` is that of the project or package whose file this is, "" or with the `/` at its end.
// InvalidInput: bad YAML.
std::vector<PackageEntry> ParsePackages(const std::string& text, const std::string& file,
                                        const std::string& folder);

// A package that is there.
struct FoundPackage {
    PackageEntry entry;
    std::string name;
    std::string version;  // as its dbt_project.yml says; may be empty
    std::string folder;   // relative to the project
};

// All that the project in `root` needs, what its packages need among it, each folder once.
// NotFound, with all that lack and what to do: one of them is not there.
std::vector<FoundPackage> FindPackages(const std::string& root, const DbtProject& layout,
                                       const TemplateSettings& settings);

}  // namespace tarn::pipeline
