#include "pipeline/packages.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/file_text.h"

namespace tarn::pipeline {
namespace {

namespace fs = std::filesystem;

// "https://github.com/dbt-labs/dbt-utils.git" is a package that is called dbt_utils, or utils.
std::vector<std::string> NamesOfAddress(std::string address) {
    while (address.ends_with('/')) address.pop_back();
    for (const char* ending : {".git", ".tar.gz", ".tgz"}) {
        if (address.ends_with(ending)) address.resize(address.size() - std::string(ending).size());
    }
    std::string name = address.substr(address.find_last_of("/:") + 1);
    std::replace(name.begin(), name.end(), '-', '_');
    std::vector<std::string> names = {name};
    if (name.starts_with("dbt_")) names.push_back(name.substr(4));
    return names;
}

std::string AskedVersion(const YamlNode& entry) {
    for (const char* key : {"version", "revision"}) {
        if (const auto asked = entry.Find(key)) return Join(asked->AsStrings(), ",");
    }
    return "";
}

// Nothing where it is an entry of none of these kinds.
std::optional<PackageEntry> ParseEntry(const YamlNode& node, const std::string& folder) {
    PackageEntry entry;
    entry.asked = AskedVersion(node);
    entry.spot = node.Spot();
    if (const auto local = node.Find("local")) {
        entry.said = local->AsString();
        entry.local = (fs::path(folder) / entry.said).lexically_normal().generic_string();
        if (!entry.local.ends_with('/')) entry.local += '/';
        return entry;
    }
    for (const char* key : {"package", "git", "tarball"}) {
        const auto said = node.Find(key);
        if (!said) continue;
        entry.said = said->AsString();
        entry.names = NamesOfAddress(entry.said);
        if (const auto name = node.Find("name")) entry.names = {name->AsString()};
        if (const auto sub = node.Find("subdirectory")) {
            for (std::string& name : NamesOfAddress(sub->AsString()))
                entry.names.push_back(std::move(name));
        }
        return entry;
    }
    return std::nullopt;
}

class Finder {
public:
    Finder(const fs::path& root, const DbtProject& layout, const TemplateSettings& settings)
        : root_(root), settings_(settings) {
        const std::string packages = layout.packages_path;
        if (!fs::is_directory(root / packages)) return;
        for (const fs::directory_entry& entry : fs::directory_iterator(root / packages)) {
            const std::string folder = packages + "/" + entry.path().filename().string() + "/";
            if (fs::exists(root / (folder + kDbtProjectFile))) installed_.push_back(folder);
        }
        std::sort(installed_.begin(), installed_.end());
    }

    void AddOf(const std::string& folder) {
        for (const char* name : kPackageFiles) {
            const std::string file = folder + name;
            if (!fs::exists(root_ / file)) continue;
            for (PackageEntry& entry :
                 ParsePackages(TextOfFile(root_ / file).value_or(""), file, folder))
                Add(std::move(entry));
        }
    }

    std::vector<FoundPackage> Found() && {
        if (lacking_.empty()) return std::move(found_);
        std::vector<std::string> words;
        for (const PackageEntry& entry : lacking_)
            words.push_back(entry.asked.empty() ? entry.said : entry.said + " " + entry.asked);
        throw Error(ErrorKind::kNotFound,
                    "packages are not there, and Tarn downloads none: {}. Put each into a folder "
                    "below the folder of packages, as `dbt deps` does, or name it by its path "
                    "(`- local: ../its/folder`)",
                    Join(words, "; "))
            .At(lacking_.front().spot);
    }

private:
    DbtProject Read(const std::string& folder) const {
        const std::string file = folder + kDbtProjectFile;
        return ParseDbtProject(TextOfFile(root_ / file).value_or(""), settings_, file);
    }

    // Where the package lies; empty when it is not there.
    std::string FolderOf(const PackageEntry& entry) const {
        if (!entry.local.empty())
            return fs::exists(root_ / (entry.local + kDbtProjectFile)) ? entry.local : "";
        for (const std::string& folder : installed_) {
            const std::string name = fs::path(folder).parent_path().filename().string();
            for (const std::string& may_be : entry.names) {
                if (name == may_be || Read(folder).name == may_be) return folder;
            }
        }
        return "";
    }

    void Add(PackageEntry entry) {
        const std::string folder = FolderOf(entry);
        if (folder.empty()) {
            const auto is_same = [&](const PackageEntry& o) { return o.said == entry.said; };
            if (std::none_of(lacking_.begin(), lacking_.end(), is_same))
                lacking_.push_back(std::move(entry));
            return;
        }
        if (!seen_.insert(folder).second) return;
        const DbtProject package = Read(folder);
        found_.push_back({std::move(entry), package.name, package.version, folder});
        AddOf(folder);
    }

    const fs::path root_;
    const TemplateSettings& settings_;
    std::vector<std::string> installed_;
    std::set<std::string> seen_;
    std::vector<FoundPackage> found_;
    std::vector<PackageEntry> lacking_;
};

}  // namespace

std::vector<PackageEntry> ParsePackages(const std::string& text, const std::string& file,
                                        const std::string& folder) {
    std::vector<PackageEntry> entries;
    const YamlNode root = YamlNode::Parse(text, file);
    if (!root.IsMap()) return entries;
    const auto packages = root.Find("packages");
    if (!packages) return entries;
    for (const YamlNode& node : packages->Items()) {
        if (auto entry = ParseEntry(node, folder)) entries.push_back(std::move(*entry));
    }
    return entries;
}

std::vector<FoundPackage> FindPackages(const std::string& root, const DbtProject& layout,
                                       const TemplateSettings& settings) {
    Finder finder(root, layout, settings);
    finder.AddOf("");
    return std::move(finder).Found();
}

}  // namespace tarn::pipeline
