// The folder of a project's artifacts, `target/`. Each file appears whole or not at all.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace tarn::pipeline {

class TargetFolder {
public:
    explicit TargetFolder(std::string path) : path_(std::move(path)) {}

    const std::string& path() const { return path_; }
    // `name` is relative: "compiled/shop/models/orders.sql". Folders are made. Throws what
    // the disk says (storage::PosixError): LimitExceeded when it is full.
    void Write(const std::string& name, const std::string& text) const;
    void WriteJson(const std::string& name, const nlohmann::ordered_json& json) const;
    // Nothing when there is no such file.
    std::optional<std::string> Read(const std::string& name) const;

private:
    std::string path_;
};

}  // namespace tarn::pipeline
