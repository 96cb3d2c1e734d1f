// A table format whose new tables are given a lake's default properties (`table_defaults` of
// tarn.yml). What the creator sets wins. Everything else passes through. Thread-safe when the
// format is.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "table/forwarding_format.h"

namespace tarn::catalog {

class DefaultingFormat final : public table::ForwardingFormat {
public:
    // The format outlives this.
    DefaultingFormat(table::TableFormat& inner, std::map<std::string, std::string> defaults)
        : ForwardingFormat(inner), defaults_(std::move(defaults)) {}

    std::shared_ptr<const table::TableMetadata> Define(const table::TableMetadata& wanted,
                                                       const table::SnapshotPtr& base,
                                                       table::Definition definition) override;

private:
    const std::map<std::string, std::string> defaults_;
};

}  // namespace tarn::catalog
