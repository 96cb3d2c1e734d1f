#include "engine/duck/arrow_input.h"

#include "duckdb/common/arrow/arrow_wrapper.hpp"
#include "duckdb/function/table/arrow.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

class Stream final : public duckdb::ArrowArrayStreamWrapper {
public:
    Stream(table::RowSource& source, std::unique_ptr<table::RowSource> owned)
        : source_(source), owned_(std::move(owned)) {}

    duckdb::shared_ptr<duckdb::ArrowArrayWrapper> GetNextChunk() override {
        auto chunk = duckdb::make_shared_ptr<duckdb::ArrowArrayWrapper>();
        Guarded([&] {
            if (!source_.Next(&chunk->arrow_array)) chunk->arrow_array.release = nullptr;
        });
        return chunk;
    }

private:
    table::RowSource& source_;
    std::unique_ptr<table::RowSource> owned_;
};

duckdb::unique_ptr<duckdb::ArrowArrayStreamWrapper> ProduceStream(uintptr_t factory,
                                                                  duckdb::ArrowStreamParameters&) {
    return reinterpret_cast<ArrowInput*>(factory)->Produce();
}

void GetStreamSchema(ArrowArrayStream* factory, ArrowSchema& schema) {
    reinterpret_cast<ArrowInput*>(factory)->GetSchema(&schema);
}

}  // namespace

void ArrowInput::SetOnce(table::RowSource* source) {
    once_ = source;
    is_consumed_ = false;
}

void ArrowInput::SetFactory(Open open) { open_ = std::move(open); }

duckdb::vector<duckdb::Value> ArrowInput::ScanArguments() {
    duckdb::vector<duckdb::Value> arguments;
    arguments.push_back(duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(this)));
    arguments.push_back(duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(&ProduceStream)));
    arguments.push_back(duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(&GetStreamSchema)));
    return arguments;
}

void ArrowInput::GetSchema(ArrowSchema* out) {
    Guarded([&] {
        if (open_) {
            open_()->GetSchema(out);
        } else if (once_ != nullptr) {
            once_->GetSchema(out);
        } else {
            throw Error(ErrorKind::kInvalidInput,
                        "the input {} was given to an earlier statement only", name_);
        }
    });
}

duckdb::unique_ptr<duckdb::ArrowArrayStreamWrapper> ArrowInput::Produce() {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::ArrowArrayStreamWrapper> {
        if (open_) {
            auto source = open_();
            table::RowSource& rows = *source;
            return duckdb::make_uniq<Stream>(rows, std::move(source));
        }
        if (once_ == nullptr || is_consumed_) {
            throw Error(ErrorKind::kInvalidInput,
                        "the input {} can be read once: read it into a temporary table first",
                        name_);
        }
        is_consumed_ = true;
        return duckdb::make_uniq<Stream>(*once_, nullptr);
    });
}

}  // namespace tarn::engine::duck
