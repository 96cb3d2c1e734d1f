// Newline-delimited JSON by simdjson's on-demand parser, which keeps the source's text of numbers.
#include <simdjson.h>

#include "base/error.h"
#include "base/text.h"
#include "ingest/json_text.h"
#include "ingest/line_reader.h"
#include "ingest/record_reader.h"

namespace tarn::ingest {

namespace {

namespace ondemand = simdjson::ondemand;

static_assert(TextWindow::kPaddingBytes >= simdjson::SIMDJSON_PADDING);

class NdjsonReader final : public RecordReader {
public:
    NdjsonReader(TextWindow& window, const ReadOptions& options)
        : lines_(window, options.max_record_bytes) {}

    bool Next(Record& record) override {
        Line line;
        while (lines_.Next(line)) {
            if (line.text.empty()) continue;
            record.Clear();
            record.raw = line.text;
            record.line = line.number;
            record.offset = line.offset;
            record.has_break = line.has_break;
            if (line.is_piece) {
                record.is_utf8 = simdjson::validate_utf8(line.text.data(), line.text.size());
                record.Mark(ErrorClass::kRecordTooLong, 0, "a part of a line beyond the limit");
            } else if (!Parse(record, line.capacity)) {
                Refuse(record);
            }
            return true;
        }
        return false;
    }

private:
    // false: not one object; the record's fields mean nothing then.
    bool Parse(Record& record, size_t capacity) {
        ondemand::document document;
        if (parser_.iterate(record.raw.data(), record.raw.size(), capacity).get(document))
            return false;
        ondemand::object object;
        if (document.get_object().get(object)) return false;
        for (auto entry : object) {
            ondemand::field field;
            if (std::move(entry).get(field)) return false;
            FieldValue& value = record.fields.emplace_back();
            if (!ParseField(field, value)) return false;
        }
        // Only at the end of the document is there no current location.
        const char* rest = nullptr;
        return document.current_location().get(rest) != simdjson::SUCCESS;
    }

    static bool ParseField(ondemand::field& field, FieldValue& out) {
        if (field.unescaped_key().get(out.name)) return false;
        ondemand::value value = field.value();
        out.json = Trim(value.raw_json_token());
        ondemand::json_type type;
        if (value.type().get(type)) return false;
        switch (type) {
            case ondemand::json_type::string:
                return value.get_string().get(out.text) == simdjson::SUCCESS;
            case ondemand::json_type::number:
                out.text = out.json;
                return IsJsonNumber(out.json);
            case ondemand::json_type::boolean:
                out.text = out.json;
                return out.json == "true" || out.json == "false";
            case ondemand::json_type::null:
                out.is_null = true;
                return out.json == "null";
            case ondemand::json_type::array:
                return ParseNested(value.get_array(), out);
            case ondemand::json_type::object:
                return ParseNested(value.get_object(), out);
        }
        return false;
    }

    // The on-demand parser does not look into what it skips, so the text is checked by itself.
    template <typename Container>
    static bool ParseNested(simdjson::simdjson_result<Container> container, FieldValue& out) {
        Container inner;
        if (std::move(container).get(inner)) return false;
        std::string_view text;
        if (inner.raw_json().get(text)) return false;
        out.json = Trim(text);
        out.text = out.json;
        return !FindJsonFault(out.json).has_value();
    }

    void Refuse(Record& record) {
        record.fields.clear();
        if (const auto at = FirstInvalidUtf8(record.raw)) {
            record.is_utf8 = false;
            record.Mark(ErrorClass::kInvalidUtf8, *at, "expected UTF-8");
        } else if (const auto fault = FindJsonFault(record.raw)) {
            record.Mark(ErrorClass::kInvalidJson, fault->offset,
                        fmt::format("expected {}", fault->expected));
        } else if (const size_t first = record.raw.find_first_not_of(" \t\r");
                   record.raw[first] != '{') {
            record.Mark(ErrorClass::kNotAnObject, first, "expected an object");
        } else {
            record.Mark(ErrorClass::kInvalidJson, first, "a string holds half of a surrogate pair");
        }
    }

    LineReader lines_;
    ondemand::parser parser_;
};

}  // namespace

std::unique_ptr<RecordReader> OpenNdjson(TextWindow& window, const ReadOptions& options) {
    return std::make_unique<NdjsonReader>(window, options);
}

}  // namespace tarn::ingest
