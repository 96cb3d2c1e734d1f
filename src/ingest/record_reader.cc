#include "ingest/record_reader.h"

#include <array>
#include <utility>

#include <fmt/core.h>

namespace tarn::ingest {

namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr size_t kLongestMark = 4;

// Byte order marks of encodings that are not UTF-8; the longer ones first, as UTF-32LE begins like
// UTF-16LE.
std::string_view ForeignEncoding(std::string_view text) {
    using namespace std::string_view_literals;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMarks = {{
        {"\xFF\xFE\x00\x00"sv, "UTF-32LE"sv},
        {"\x00\x00\xFE\xFF"sv, "UTF-32BE"sv},
        {"\xFF\xFE"sv, "UTF-16LE"sv},
        {"\xFE\xFF"sv, "UTF-16BE"sv},
    }};
    for (const auto& [mark, name] : kMarks) {
        if (text.starts_with(mark)) return name;
    }
    return {};
}

}  // namespace

FileRecords::FileRecords(std::unique_ptr<storage::ObjectReader> file, const ReadOptions& options)
    : stored_(std::move(file)), bytes_(Decode(stored_)), window_(*bytes_), options_(options) {}

bool FileRecords::Next(Record& record) {
    record.Clear();
    while (true) {
        switch (stage_) {
            case Stage::kBegin:
                Begin();
                break;
            case Stage::kRecords:
                if (NextRecord(record)) return true;
                stage_ = Stage::kUndecoded;
                break;
            case Stage::kBlocks:
                if (NextBlock(record)) return true;
                stage_ = Stage::kUndecoded;
                break;
            case Stage::kUndecoded:
                if (NextUndecoded(record)) return true;
                stage_ = Stage::kEmptiness;
                break;
            case Stage::kEmptiness:
                stage_ = Stage::kEnd;
                if (NextEmptiness(record)) return true;
                break;
            case Stage::kEnd:
                return false;
        }
    }
}

void FileRecords::Begin() {
    while (window_.Unread().size() < kLongestMark && window_.Fill()) {
    }
    encoding_ = ForeignEncoding(window_.Unread());
    if (!encoding_.empty()) {
        stage_ = Stage::kBlocks;
        return;
    }
    if (window_.Unread().starts_with(kUtf8Mark)) window_.Consume(kUtf8Mark.size());
    reader_ = options_.format == FileFormat::kCsv ? OpenCsv(window_, options_)
                                                  : OpenNdjson(window_, options_);
    stage_ = Stage::kRecords;
}

bool FileRecords::NextRecord(Record& record) {
    if (!reader_->Next(record)) return false;
    gave_record_ = true;
    last_line_ = record.line;
    // A record that ran into the damage may be a part of one, even where that part parses.
    if (const auto& damage = bytes_->GetDamage(); damage && !record.has_break) {
        record.Mark(
            damage->error, record.raw.size(),
            fmt::format("cut off at compressed byte {}: {}", damage->position + 1, damage->what));
    }
    return true;
}

bool FileRecords::NextBlock(Record& record) {
    while (window_.Unread().size() < kBlockRecordBytes && window_.Fill()) {
    }
    const std::string_view unread = window_.Unread();
    if (unread.empty()) return false;
    record.raw = unread.substr(0, kBlockRecordBytes);
    record.line = 1;
    record.offset = window_.Offset();
    record.is_utf8 = false;
    record.Mark(ErrorClass::kWrongEncoding, 0, "expected UTF-8, the file begins as " + encoding_);
    window_.Consume(record.raw.size());
    gave_record_ = true;
    return true;
}

bool FileRecords::NextUndecoded(Record& record) {
    block_.resize(kBlockRecordBytes);
    size_t filled = 0;
    while (filled < block_.size()) {
        const size_t count = bytes_->ReadUndecoded(block_.data() + filled, block_.size() - filled);
        if (count == 0) break;
        filled += count;
    }
    if (filled == 0) return false;
    const Damage& damage = *bytes_->GetDamage();
    const uint64_t first = damage.position + undecoded_bytes_;
    undecoded_bytes_ += filled;
    gave_record_ = true;
    record.Clear();
    record.raw = std::string_view(block_).substr(0, filled);
    record.line = last_line_ + 1;
    record.offset = window_.Offset();
    record.is_utf8 = false;
    record.error = damage.error;
    record.error_detail = fmt::format("compressed bytes {} to {} of {}: {}", first + 1,
                                      first + filled, Info().size_bytes, damage.what);
    return true;
}

bool FileRecords::NextEmptiness(Record& record) {
    if (gave_record_ || Header() != nullptr) return false;
    record.Clear();
    record.line = last_line_ + 1;
    record.offset = window_.Offset();
    record.Mark(ErrorClass::kEmptyFile, 0, "expected a record, the file has none");
    return true;
}

}  // namespace tarn::ingest
