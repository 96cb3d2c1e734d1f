// Temporary tables that go with the object, whatever ends the work that made them. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"

namespace tarn::pipeline {

class ScratchTables {
public:
    // `session` outlives it. `names`: of tables that others make.
    explicit ScratchTables(engine::Session& session, std::vector<std::string> names = {})
        : session_(session), names_(std::move(names)) {}
    ~ScratchTables();
    ScratchTables(const ScratchTables&) = delete;
    ScratchTables& operator=(const ScratchTables&) = delete;

    void Add(const std::vector<std::string_view>& names) {
        names_.insert(names_.end(), names.begin(), names.end());
    }
    // Fills one, instead of what had the name.
    void Make(const std::string& name, const std::string& select);

private:
    engine::Session& session_;
    std::vector<std::string> names_;
};

}  // namespace tarn::pipeline
