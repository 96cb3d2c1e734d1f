// dbt's catalog.json (version 1): the tables that are there, with their columns and sizes.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/session.h"
#include "pipeline/manifest.h"

namespace tarn::pipeline {

// Of the models, seeds, snapshots and sources of the project; what is not there is left out.
nlohmann::ordered_json CatalogArtifact(const LoadedProject& loaded, catalog::Catalog& catalog,
                                       engine::Session& session, const Invocation& invocation);

}  // namespace tarn::pipeline
