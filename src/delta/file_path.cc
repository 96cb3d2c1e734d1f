#include "delta/file_path.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "format/percent.h"

namespace tarn::delta {
namespace {

constexpr std::string_view kFile = "file:";

// "scheme:" in front of a "/"; 0 when there is none.
size_t SchemeSize(std::string_view path) {
    if (path.find(':') == std::string_view::npos) return 0;
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

// Where the path behind scheme and host begins; 0 for a plain path.
size_t PathStart(std::string_view location) {
    const size_t scheme = SchemeSize(location);
    if (scheme == 0 || !location.substr(scheme).starts_with("//")) return scheme;
    return std::min(location.find('/', scheme + 2), location.size());
}

// One spelling of an absolute path, still percent-encoded.
std::string Canonical(std::string_view path) {
    for (const std::string_view hadoop : {"s3a://", "s3n://"}) {
        if (path.starts_with(hadoop)) return "s3://" + std::string(path.substr(hadoop.size()));
    }
    if (!path.starts_with(kFile)) return std::string(path);
    std::string_view local = path.substr(kFile.size());
    constexpr std::string_view kThisMachine = "//localhost/";
    if (local.starts_with(kThisMachine)) local.remove_prefix(kThisMachine.size() - 1);
    const size_t slashes = std::min(local.find_first_not_of('/'), local.size());
    if (slashes == 2) {
        throw Error(ErrorKind::kUnsupported, "the path '{}' names a file of another machine", path);
    }
    return std::string(kFile) + "///" + std::string(local.substr(slashes));
}

bool HasDotSegment(std::string_view path) {
    return path.find("./") != std::string_view::npos || path.ends_with("/..") || path == "..";
}

// `path`, decoded, below `root`; its "." and ".." segments are resolved first (RFC 2396, 5.2).
std::string Below(const std::string& root, std::string_view path) {
    if (!HasDotSegment(path)) return root + "/" + format::PercentDecode(path);
    std::vector<std::string_view> segments;
    std::string folder = root;
    const size_t floor = PathStart(root);
    for (size_t at = 0; at <= path.size();) {
        const size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        at = end + 1;
        if (segment == ".") continue;
        if (segment != "..") {
            segments.push_back(segment);
        } else if (!segments.empty()) {
            segments.pop_back();
        } else {
            const size_t parent = folder.rfind('/');
            if (parent == std::string::npos || parent < floor) {
                throw Error(ErrorKind::kCorrupt, "the path '{}' leaves the store", path);
            }
            folder.resize(parent);
        }
    }
    for (const std::string_view segment : segments) {
        folder += "/" + format::PercentDecode(segment);
    }
    return folder;
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
    if (log_path.starts_with('/') || SchemeSize(log_path) > 0) {
        return format::PercentDecode(Canonical(log_path));
    }
    return Below(root, log_path);
}

std::string LogPathOf(const std::string& root, const std::string& location) {
    const std::string_view plain_root = Plain(root);
    const std::string_view plain = Plain(location);
    if (plain.size() > plain_root.size() && plain.starts_with(plain_root) &&
        plain[plain_root.size()] == '/') {
        return format::PercentEncodePath(plain.substr(plain_root.size() + 1));
    }
    return AbsoluteLogPath(location);
}

std::string AbsoluteLogPath(const std::string& location) {
    const std::string_view plain = Plain(location);
    // As Spark spells it: it knows a file that it changes through a deletion vector by this alone.
    if (plain.starts_with('/')) return "file:" + format::PercentEncodePath(plain);
    const size_t scheme = SchemeSize(location);
    return location.substr(0, scheme) +
           format::PercentEncodePath(std::string_view(location).substr(scheme));
}

std::string PathKey(std::string_view log_path) {
    while (log_path.starts_with("./")) log_path.remove_prefix(2);
    const bool is_absolute = log_path.starts_with('/') || SchemeSize(log_path) > 0;
    if (!is_absolute) return format::PercentDecode(log_path);
    std::string key = format::PercentDecode(Canonical(log_path));
    // "/a", "//a", "file:/a" and "file:///a" are one file.
    size_t slashes = key.starts_with(kFile) ? kFile.size() : 0;
    while (key.compare(slashes, 2, "//") == 0) ++slashes;
    return key.substr(slashes);
}

}  // namespace tarn::delta
