#include "cli/arrow_writer.h"

#include <cerrno>

#include <nanoarrow/nanoarrow.hpp>
#include <nanoarrow/nanoarrow_ipc.hpp>

namespace tarn::cli {

namespace {

ArrowErrorCode WriteTo(ArrowIpcOutputStream* stream, const void* bytes, int64_t size_bytes,
                       int64_t* written_bytes, ArrowError* error) {
    auto& out = *static_cast<std::ostream*>(stream->private_data);
    *written_bytes = size_bytes;
    if (out.write(static_cast<const char*>(bytes), size_bytes)) return NANOARROW_OK;
    ArrowErrorSet(error, "the answer could not be written");
    return EIO;
}

void Forget(ArrowIpcOutputStream* stream) { stream->release = nullptr; }

void CheckWritten(ArrowErrorCode code, const ArrowError& error) {
    if (code == NANOARROW_OK) return;
    if (code == EIO) throw Error(ErrorKind::kUnavailable, "{}", error.message);
    throw Error(ErrorKind::kUnsupported,
                "the answer has a column that an Arrow stream cannot hold; cast it to VARCHAR ({})",
                error.message);
}

class ArrowWriter final : public ResultWriter {
public:
    explicit ArrowWriter(std::ostream& out) : out_(out) {}

    void Begin(const std::vector<engine::ColumnInfo>&, bool has_rows) override {
        has_rows_ = has_rows;
    }

    void Take(engine::Result& result) override {
        if (!has_rows_) return ResultWriter::Take(result);
        ArrowError error{};
        ArrowIpcOutputStream stream{WriteTo, Forget, &out_};
        nanoarrow::ipc::UniqueWriter writer;
        CheckWritten(ArrowIpcWriterInit(writer.get(), &stream), error);
        nanoarrow::UniqueSchema schema;
        result.GetArrowSchema(schema.get());
        CheckWritten(ArrowIpcWriterWriteSchema(writer.get(), schema.get(), &error), error);
        nanoarrow::UniqueArrayView view;
        CheckWritten(ArrowArrayViewInitFromSchema(view.get(), schema.get(), &error), error);
        for (nanoarrow::UniqueArray batch; result.NextArrow(batch.get()); batch.reset()) {
            CheckWritten(ArrowArrayViewSetArray(view.get(), batch.get(), &error), error);
            CheckWritten(ArrowIpcWriterWriteArrayView(writer.get(), view.get(), &error), error);
        }
        CheckWritten(ArrowIpcWriterWriteArrayView(writer.get(), nullptr, &error), error);
    }

    bool Rows(std::vector<engine::TextRow>&) override { return true; }
    void End(const StatementEnd&) override { out_.flush(); }
    void Fail(const Error&) override { out_.flush(); }
    void Finish() override { out_.flush(); }

private:
    std::ostream& out_;
    bool has_rows_ = false;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeArrowWriter(std::ostream& out) {
    return std::make_unique<ArrowWriter>(out);
}

}  // namespace tarn::cli
