#include "storage/fault_store.h"

#include <algorithm>

#include "base/error.h"

namespace tarn::storage {
namespace {
constexpr uint64_t kLatestPutCalls = 6;  // a late put lands within so many further calls
}  // namespace

// What follows a call that stops the process after its effect is never seen by the caller.
template <typename Call>
auto FaultStore::Run(Call call) {
    const uint64_t number = ++calls_;
    LandLatePuts(false);
    if (crashed_) throw StoreCrash();
    if (plan_.crash_at_call == number) {
        crashed_ = true;
        if (plan_.crash_after_effect) call();
        throw StoreCrash();
    }
    if (Chance(plan_.unavailable_per_mille)) {
        throw Error(ErrorKind::kUnavailable, "injected fault at call {}", number);
    }
    return call();
}

template <typename Call>
PutOutcome FaultStore::RunPut(Call call, const std::string& location, std::string_view bytes,
                              bool may_be_late) {
    return Run([&] {
        if (!Chance(plan_.lost_answer_per_mille)) return call();
        switch (random_.Below(may_be_late ? 3 : 2)) {
            case 0:
                call();
                break;
            case 1:
                break;
            default: {
                const std::lock_guard lock(late_mutex_);
                late_.push_back(
                    {location, std::string(bytes), calls_ + 1 + random_.Below(kLatestPutCalls)});
            }
        }
        return PutOutcome::kUnknown;
    });
}

void FaultStore::LandLatePuts(bool all) {
    std::vector<LatePut> due;
    {
        const std::lock_guard lock(late_mutex_);
        const auto first = std::stable_partition(
            late_.begin(), late_.end(),
            [&](const LatePut& put) { return !all && put.due_at_call > calls_; });
        due.assign(std::make_move_iterator(first), std::make_move_iterator(late_.end()));
        late_.erase(first, late_.end());
    }
    for (const LatePut& put : due) Inner().PutIfAbsent(put.location, put.bytes);
}

FaultStore::~FaultStore() {
    try {
        LandLatePuts(true);
    } catch (const Error&) {
        // The inner store refused; for the tested code the put simply never happened.
    }
}

class FaultStore::Reader final : public ObjectReader {
public:
    Reader(std::unique_ptr<ObjectReader> inner, FaultStore& store)
        : inner_(std::move(inner)), store_(store) {}
    const ObjectInfo& Info() const override { return inner_->Info(); }
    void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) override {
        store_.Run([&] { inner_->ReadAt(offset, buffer, size_bytes); });
    }

private:
    std::unique_ptr<ObjectReader> inner_;
    FaultStore& store_;
};

class FaultStore::Writer final : public ObjectWriter {
public:
    Writer(std::unique_ptr<ObjectWriter> inner, FaultStore& store)
        : inner_(std::move(inner)), store_(store) {}
    void Write(std::string_view bytes) override {
        store_.Run([&] { inner_->Write(bytes); });
    }
    uint64_t BytesWritten() const override { return inner_->BytesWritten(); }
    void Commit() override {
        store_.Run([&] { inner_->Commit(); });
    }
    void Abort() override { inner_->Abort(); }

private:
    std::unique_ptr<ObjectWriter> inner_;
    FaultStore& store_;
};

std::optional<ObjectInfo> FaultStore::Stat(const std::string& location) {
    return Run([&] { return Inner().Stat(location); });
}

std::string FaultStore::Get(const std::string& location, uint64_t max_bytes) {
    return Run([&] { return Inner().Get(location, max_bytes); });
}

std::unique_ptr<ObjectReader> FaultStore::OpenReader(const std::string& location) {
    return std::make_unique<Reader>(Run([&] { return Inner().OpenReader(location); }), *this);
}

std::unique_ptr<ObjectWriter> FaultStore::OpenWriter(const std::string& location) {
    return std::make_unique<Writer>(Run([&] { return Inner().OpenWriter(location); }), *this);
}

std::vector<ObjectInfo> FaultStore::List(const std::string& folder, const ListOptions& options) {
    return Run([&] { return Inner().List(folder, options); });
}

PutOutcome FaultStore::Put(const std::string& location, std::string_view bytes) {
    return RunPut([&] { return Inner().Put(location, bytes); }, location, bytes, false);
}

PutOutcome FaultStore::PutIfAbsent(const std::string& location, std::string_view bytes) {
    const auto put = [&] {
        const PutOutcome outcome = Inner().PutIfAbsent(location, bytes);
        return outcome == PutOutcome::kDone && FailsToSync() ? PutOutcome::kUnknown : outcome;
    };
    return RunPut(put, location, bytes, true);
}

PutOutcome FaultStore::PutIfMatch(const std::string& location, std::string_view bytes,
                                  const std::string& etag) {
    return RunPut([&] { return Inner().PutIfMatch(location, bytes, etag); }, location, bytes,
                  false);
}

bool FaultStore::FailsToSync() {
    uint64_t left = syncs_to_fail_;
    while (left > 0 && !syncs_to_fail_.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0;
}

void FaultStore::Persist(const std::string& location) {
    Run([&] {
        if (FailsToSync()) throw Error(ErrorKind::kUnavailable, "cannot sync {}", location);
        Inner().Persist(location);
    });
}

void FaultStore::Delete(const std::string& location) {
    Run([&] { Inner().Delete(location); });
}

}  // namespace tarn::storage
