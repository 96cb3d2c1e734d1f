#include "durability/failing_store.h"

namespace tarn::durability {

void FailingStore::Pass(bool is_change) {
    if (failure_ == Failure::kNone) return;
    if (failure_ == Failure::kDiskFull) {
        if (!is_change || ++calls_ < at_call_) return;
        has_failed_ = true;
        throw Error(ErrorKind::kLimitExceeded, "no space left on the device");
    }
    if (++calls_ != at_call_) return;
    has_failed_ = true;
    if (failure_ == Failure::kCancel) return cancel_();
    throw Error(ErrorKind::kUnavailable, "input/output error at call {}", calls_);
}

class FailingStore::Reader final : public storage::ObjectReader {
public:
    Reader(std::unique_ptr<ObjectReader> inner, FailingStore& store)
        : inner_(std::move(inner)), store_(store) {}
    const storage::ObjectInfo& Info() const override { return inner_->Info(); }
    void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) override {
        store_.Pass(false);
        inner_->ReadAt(offset, buffer, size_bytes);
    }

private:
    std::unique_ptr<ObjectReader> inner_;
    FailingStore& store_;
};

class FailingStore::Writer final : public storage::ObjectWriter {
public:
    Writer(std::unique_ptr<ObjectWriter> inner, FailingStore& store)
        : inner_(std::move(inner)), store_(store) {}
    void Write(std::string_view bytes) override {
        store_.Pass(true);
        inner_->Write(bytes);
    }
    uint64_t BytesWritten() const override { return inner_->BytesWritten(); }
    void Commit() override {
        store_.Pass(true);
        inner_->Commit();
    }
    void Abort() override { inner_->Abort(); }

private:
    std::unique_ptr<ObjectWriter> inner_;
    FailingStore& store_;
};

std::unique_ptr<storage::ObjectReader> FailingStore::OpenReader(const std::string& location) {
    Pass(false);
    return std::make_unique<Reader>(Inner().OpenReader(location), *this);
}

std::unique_ptr<storage::ObjectWriter> FailingStore::OpenWriter(const std::string& location) {
    Pass(true);
    return std::make_unique<Writer>(Inner().OpenWriter(location), *this);
}

}  // namespace tarn::durability
