#include "delta/file_path.h"

#include "format/percent.h"

namespace tarn::delta {
namespace {

constexpr std::string_view kFile = "file:";

// "scheme:" in front of a "/"; 0 when there is none.
size_t SchemeSize(std::string_view path) {
    size_t at = 0;
    while (at < path.size() &&
           ((path[at] >= 'a' && path[at] <= 'z') || (path[at] >= 'A' && path[at] <= 'Z') ||
            (at > 0 && ((path[at] >= '0' && path[at] <= '9') || path[at] == '+' ||
                        path[at] == '-' || path[at] == '.')))) {
        ++at;
    }
    const bool is_scheme = at > 0 && at + 1 < path.size() && path[at] == ':' && path[at + 1] == '/';
    return is_scheme ? at + 1 : 0;
}

// A local location without its scheme, so that both spellings of one folder compare.
std::string_view Plain(std::string_view location) {
    if (location.starts_with(kFile)) {
        location.remove_prefix(kFile.size());
        while (location.starts_with("//")) location.remove_prefix(1);
    }
    return location;
}

}  // namespace

std::string NormalRoot(std::string_view location) {
    while (location.size() > 1 && location.back() == '/') location.remove_suffix(1);
    return std::string(location);
}

std::string ResolveLocation(const std::string& root, std::string_view log_path) {
    std::string path = format::PercentDecode(log_path);
    if (path.starts_with('/') || SchemeSize(path) > 0) return path;
    return root + "/" + path;
}

std::string LogPathOf(const std::string& root, const std::string& location) {
    const std::string_view plain_root = Plain(root);
    std::string_view plain = Plain(location);
    if (plain.size() > plain_root.size() && plain.starts_with(plain_root) &&
        plain[plain_root.size()] == '/') {
        plain.remove_prefix(plain_root.size() + 1);
        return format::PercentEncodePath(plain);
    }
    if (plain.starts_with('/')) return "file://" + format::PercentEncodePath(plain);
    const size_t scheme = SchemeSize(location);
    return location.substr(0, scheme) +
           format::PercentEncodePath(std::string_view(location).substr(scheme));
}

std::string PathKey(std::string_view log_path) {
    const bool is_encoded = log_path.find('%') != std::string_view::npos;
    std::string key = is_encoded ? format::PercentDecode(log_path) : std::string(log_path);
    // "/a", "//a", "file:/a" and "file:///a" are one file.
    size_t slashes = key.starts_with(kFile) ? kFile.size() : 0;
    if (slashes == 0 && !key.starts_with("//")) return key;
    while (key.compare(slashes, 2, "//") == 0) ++slashes;
    return key.substr(slashes);
}

}  // namespace tarn::delta
