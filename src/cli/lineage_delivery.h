// Where the events of builds go, as tarn.yml and OpenLineage's own environment variables say: a
// file, a server, both, or nowhere. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "catalog/lake_config.h"
#include "net/post_queue.h"
#include "pipeline/event_file.h"
#include "pipeline/lineage_events.h"
#include "pipeline/loaded_project.h"

namespace tarn::cli {

class LineageDelivery final : public pipeline::LineageEventSink {
public:
    // OPENLINEAGE_URL, OPENLINEAGE_ENDPOINT and OPENLINEAGE_NAMESPACE go before tarn.yml;
    // OPENLINEAGE_DISABLED=true is nowhere. InvalidInput: no address.
    LineageDelivery(const catalog::LakeConfig& config, const pipeline::Environment& environment);

    void Send(std::string event) override;
    // For builds; without a sink where nobody is to be told.
    pipeline::LineageEventOptions Options();
    // Waits a little for what is under way. Gives what is to be said of lost events; empty:
    // nothing.
    std::string Finish();

private:
    pipeline::LineageEventOptions options_;
    std::unique_ptr<pipeline::EventFile> file_;
    std::unique_ptr<net::PostQueue> server_;
    std::string origin_;  // of the server
};

}  // namespace tarn::cli
