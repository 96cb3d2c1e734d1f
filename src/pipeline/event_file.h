// Events as lines of a file: each is appended whole, so that several processes may share one.
// Thread-safe.
#pragma once

#include <mutex>
#include <string>

#include "pipeline/lineage_events.h"

namespace tarn::pipeline {

class EventFile final : public LineageEventSink {
public:
    // Folders on the way are made with the first event.
    explicit EventFile(std::string path) : path_(std::move(path)) {}

    void Send(std::string event) override;
    // Why events were lost; empty: none was.
    std::string Trouble() const;

private:
    const std::string path_;
    mutable std::mutex mutex_;
    std::string trouble_;
};

}  // namespace tarn::pipeline
