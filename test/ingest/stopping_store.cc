#include "ingest/stopping_store.h"

#include <csignal>

#include <unistd.h>

#include "base/error.h"

namespace tarn::ingest_test {

namespace {

void KillThisProcess() {
    kill(getpid(), SIGKILL);
    // The signal may take a moment; nothing may happen in it.
    while (true) pause();
}

class StoppingWriter final : public storage::ObjectWriter {
public:
    StoppingWriter(StoppingStore& store, std::unique_ptr<storage::ObjectWriter> inner)
        : store_(store), inner_(std::move(inner)) {}
    void Write(std::string_view bytes) override {
        store_.Change([&] { inner_->Write(bytes); });
    }
    uint64_t BytesWritten() const override { return inner_->BytesWritten(); }
    void Commit() override {
        store_.Change([&] { inner_->Commit(); });
    }
    void Abort() override { inner_->Abort(); }

private:
    StoppingStore& store_;
    std::unique_ptr<storage::ObjectWriter> inner_;
};

}  // namespace

void StoppingStore::Change(const std::function<void()>& change) {
    const uint64_t number = ++changes_;
    if (stop_ == Stop::kDiskFull && number >= at_change_) {
        throw Error(ErrorKind::kLimitExceeded, "the disk is full");
    }
    if (stop_ == Stop::kKilledBefore && number == at_change_) KillThisProcess();
    change();
    if (stop_ == Stop::kKilledAfter && number == at_change_) KillThisProcess();
}

std::unique_ptr<storage::ObjectWriter> StoppingStore::OpenWriter(const std::string& location) {
    return std::make_unique<StoppingWriter>(*this, Inner().OpenWriter(location));
}

storage::PutOutcome StoppingStore::Put(const std::string& location, std::string_view bytes) {
    storage::PutOutcome outcome{};
    Change([&] { outcome = Inner().Put(location, bytes); });
    return outcome;
}

storage::PutOutcome StoppingStore::PutIfAbsent(const std::string& location,
                                               std::string_view bytes) {
    storage::PutOutcome outcome{};
    Change([&] { outcome = Inner().PutIfAbsent(location, bytes); });
    return outcome;
}

storage::PutOutcome StoppingStore::PutIfMatch(const std::string& location, std::string_view bytes,
                                              const std::string& etag) {
    storage::PutOutcome outcome{};
    Change([&] { outcome = Inner().PutIfMatch(location, bytes, etag); });
    return outcome;
}

void StoppingStore::Delete(const std::string& location) {
    Change([&] { Inner().Delete(location); });
}

}  // namespace tarn::ingest_test
