#include "ingest/record_reader.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/hash.h"
#include "storage/memory_store.h"

namespace tarn::ingest {
namespace {

// A record that owns its bytes.
struct Seen {
    std::string raw;
    int64_t line;
    bool is_utf8;
    std::string error;
    std::string fields;  // "a=1|b=NULL"
};

std::vector<Seen> ReadAll(const std::string& bytes, const ReadOptions& options) {
    ManualClock clock{TimestampUs{}};
    storage::MemoryStore store(clock);
    store.Put("mem://t/file", bytes);
    FileRecords records(store.OpenReader("mem://t/file"), options);
    std::vector<Seen> seen;
    Record record;
    while (records.Next(record)) {
        Seen one{std::string(record.raw), record.line, record.is_utf8,
                 std::string(NameOf(record.error)), ""};
        for (const FieldValue& field : record.fields) {
            if (!one.fields.empty()) one.fields += '|';
            one.fields +=
                std::string(field.name) + "=" + (field.is_null ? "NULL" : std::string(field.text));
        }
        EXPECT_EQ(record.IsMarked(), !record.error_detail.empty());
        EXPECT_TRUE(!record.IsMarked() || record.fields.empty());
        seen.push_back(std::move(one));
    }
    EXPECT_EQ(records.FinishHash(), Sha256Hex(bytes));
    return seen;
}

std::vector<Seen> Ndjson(const std::string& bytes, size_t max_record_bytes = kMaxRecordBytes) {
    return ReadAll(bytes, {.max_record_bytes = max_record_bytes});
}

std::vector<Seen> Csv(const std::string& bytes, CsvOptions csv = {},
                      size_t max_record_bytes = kMaxRecordBytes) {
    return ReadAll(bytes, {.format = FileFormat::kCsv,
                           .csv = csv,
                           .fields = {"x", "y"},
                           .max_record_bytes = max_record_bytes});
}

std::string Gzip(const std::string& text, int level = 6) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

// What decodes of the bytes, however they end.
std::string Gunzipped(const std::string& bytes) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    inflate(&stream, Z_NO_FLUSH);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

// The text of the records that came as text, and the bytes of the others.
struct Landed {
    std::string text;
    std::string bytes;
};

Landed Join(const std::vector<Seen>& seen) {
    Landed landed;
    for (const Seen& one : seen) {
        if (one.is_utf8) landed.text += one.raw + "\n";
        if (!one.is_utf8) landed.bytes += one.raw;
    }
    if (!landed.text.empty()) landed.text.pop_back();
    return landed;
}

std::string WithoutLastBreak(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

// Numbers that look random: they compress, but not to nothing.
std::string Chaos(int lines) {
    std::string text;
    uint64_t chaos = 1;
    for (int i = 0; i < lines; ++i) {
        chaos = chaos * 6364136223846793005ULL + 1442695040888963407ULL;
        text += "{\"a\":" + std::to_string(i) + ",\"b\":" + std::to_string(chaos >> 20) + "}\n";
    }
    return text;
}

TEST(Ndjson, KeepsTheSourcesText) {
    const auto seen = Ndjson(
        "{\"n\": 12345678901234567890123.50 , \"s\":\"a\\u00e9\\n\", \"t\":true,\"z\":null,"
        " \"o\": {\"k\":[1, 2]} ,\"na\":\"NA\"}\r\n{}\n");
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].fields,
              "n=12345678901234567890123.50|s=aé\n|t=true|z=NULL|o={\"k\":[1, 2]}|na=NA");
    EXPECT_EQ(seen[0].raw.back(), '}');
    EXPECT_EQ(seen[1].line, 2);
    EXPECT_EQ(seen[1].error, "");
}

TEST(Ndjson, MarkedLinesKeepTheirBytesAndPlace) {
    const auto seen = Ndjson(
        "{\"a\":1}\nnot json\n\n[1,2]\n{\"a\":[1,,2]}\n{\"a\":tru}\n{\"a\":1} x\n{\"a\":1}}\n"
        "{\"a\":\"\\ud800\"}\n   \n\xff{\n{\"a\":01}\n{\"a\":2}");
    const std::vector<std::string> errors = {"",
                                             "invalid_json",
                                             "not_an_object",
                                             "invalid_json",
                                             "invalid_json",
                                             "invalid_json",
                                             "invalid_json",
                                             "invalid_json",
                                             "invalid_json",
                                             "invalid_utf8",
                                             "invalid_json",
                                             ""};
    ASSERT_EQ(seen.size(), errors.size());
    for (size_t i = 0; i < errors.size(); ++i) EXPECT_EQ(seen[i].error, errors[i]) << seen[i].raw;
    EXPECT_EQ(seen[1].raw, "not json");
    EXPECT_EQ(seen[2].line, 4);
    EXPECT_FALSE(seen[9].is_utf8);
    EXPECT_EQ(seen[9].raw, "\xff{");
    EXPECT_EQ(seen[11].fields, "a=2");
    EXPECT_EQ(seen[11].line, 13);
}

TEST(Ndjson, ByteOrderMarkIsNoPartOfARecord) {
    const auto seen = Ndjson("\xEF\xBB\xBF{\"a\":1}\n");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].fields, "a=1");
}

TEST(Ndjson, LongLineLandsInPiecesAndReadingGoesOn) {
    std::string text;
    while (text.size() < 1000) text += "€";
    const std::string line = "{\"a\":\"" + text + "\"}";
    const auto seen = Ndjson("{\"a\":1}\n" + line + "\n{\"a\":2}\n", 100);
    ASSERT_GT(seen.size(), 10U);
    std::string joined;
    for (size_t i = 1; i + 1 < seen.size(); ++i) {
        EXPECT_EQ(seen[i].error, "record_too_long");
        EXPECT_EQ(seen[i].line, 2);
        EXPECT_TRUE(seen[i].is_utf8);
        joined += seen[i].raw;
    }
    EXPECT_EQ(joined, line);
    EXPECT_EQ(seen.back().fields, "a=2");
    EXPECT_EQ(seen.back().line, 3);
}

TEST(Ndjson, LinesAcrossManyBlocks) {
    std::string bytes;
    for (int i = 0; i < 40'000; ++i)
        bytes += "{\"number\":" + std::to_string(i) + ",\"text\":\"some text\"}\n";
    const auto seen = Ndjson(bytes);
    ASSERT_EQ(seen.size(), 40'000U);
    for (size_t i = 0; i < seen.size(); ++i) {
        ASSERT_EQ(seen[i].fields, "number=" + std::to_string(i) + "|text=some text");
        ASSERT_EQ(seen[i].line, static_cast<int64_t>(i) + 1);
    }
}

TEST(File, EmptyOneIsOneMarkedRow) {
    for (const std::string bytes : {"", "\n\n\r\n", "\xEF\xBB\xBF"}) {
        const auto seen = Ndjson(bytes);
        ASSERT_EQ(seen.size(), 1U);
        EXPECT_EQ(seen[0].error, "empty_file");
        EXPECT_EQ(seen[0].raw, "");
    }
    EXPECT_EQ(Csv("").at(0).error, "empty_file");
    EXPECT_EQ(Ndjson(Gzip("")).at(0).error, "empty_file");
}

TEST(File, WrongEncodingLandsWhole) {
    std::string utf16 = "\xFF\xFE";
    for (int i = 0; i < 1'000'000; ++i) utf16 += std::string("{\0", 2);
    const auto seen = Ndjson(utf16);
    std::string joined;
    for (const Seen& one : seen) {
        EXPECT_EQ(one.error, "wrong_encoding");
        EXPECT_FALSE(one.is_utf8);
        joined += one.raw;
    }
    EXPECT_TRUE(joined == utf16);
    EXPECT_EQ(seen.size(), 2U);
}

TEST(File, BinaryLosesNothingButLineBreaks) {
    std::string bytes = "PAR1";
    for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i * 7 % 251);
    const auto seen = Ndjson(bytes);
    std::string joined;
    for (const Seen& one : seen) {
        EXPECT_NE(one.error, "");
        joined += one.raw + "\n";
    }
    joined.pop_back();
    std::string kept = bytes;
    std::erase(kept, '\r');
    std::erase(joined, '\r');
    EXPECT_TRUE(joined == kept);
}

TEST(Gzip, DecodesMembersAndPadding) {
    const auto seen = Ndjson(Gzip("{\"a\":1}\n{\"a\"") + Gzip(":2}\n") + std::string(100, '\0'));
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[1].fields, "a=2");
}

TEST(Gzip, TruncatedOneLandsWhatCameBeforeAndTheRestAsBytes) {
    const std::string text = Chaos(20'000);
    const std::string whole = Gzip(text);
    for (const size_t size : {whole.size() / 2, whole.size() - 1}) {
        const auto seen = Ndjson(whole.substr(0, size));
        ASSERT_GT(seen.size(), 5000U);
        EXPECT_EQ(seen.back().error, "truncated_gzip");
        EXPECT_FALSE(seen.back().is_utf8);
        for (size_t i = 0; i + 2 < seen.size(); ++i) ASSERT_EQ(seen[i].error, "");
        const Landed landed = Join(seen);
        EXPECT_TRUE(text.starts_with(landed.text)) << size;
        EXPECT_TRUE(whole.substr(0, size).ends_with(landed.bytes)) << size;
        EXPECT_LT(landed.bytes.size(), 300U) << "only what could not be decoded";
    }
}

// Wherever the file ends: what came as bytes is its end, and what stands before that end, with the
// byte that both share, decodes to what came as text. So no bit is in neither.
TEST(Gzip, NoBitIsLostWhereverTheFileEnds) {
    const std::string text = Chaos(40);
    for (const int level : {0, 1, 9}) {
        const std::string whole = Gzip(text, level);
        for (size_t size = 2; size < whole.size(); ++size) {
            const std::string file = whole.substr(0, size);
            const auto seen = Ndjson(file);
            const Landed landed = Join(seen);
            ASSERT_EQ(seen.back().error, "truncated_gzip") << size;
            ASSERT_TRUE(!landed.bytes.empty() && file.ends_with(landed.bytes)) << size;
            const size_t shared = file.size() - landed.bytes.size() + (seen.size() > 1 ? 1 : 0);
            ASSERT_EQ(WithoutLastBreak(Gunzipped(file.substr(0, shared))), landed.text) << size;
            if (seen.size() > 1) {
                ASSERT_NE(Gunzipped(file.substr(0, shared - 1)), Gunzipped(file)) << size;
            }
        }
    }
}

TEST(Gzip, CutInALaterMemberKeepsItsBytes) {
    const std::string whole = Gzip("{\"a\":1}\n") + Gzip("{\"a\":2}\n");
    const auto seen = Ndjson(whole.substr(0, whole.size() - 24));
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].fields, "a=1");
    EXPECT_EQ(seen[1].raw, Gzip("{\"a\":2}\n").substr(0, seen[1].raw.size()));
}

TEST(Gzip, CorruptOneLandsItsRestAsBytes) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "{\"a\":" + std::to_string(i * 7919 % 100'003) + "}\n";
    std::string bytes = Gzip(text);
    const size_t at = bytes.size() / 2;
    for (size_t i = 0; i < 4000; ++i) bytes[at + i] = static_cast<char>(i * i % 255);
    const auto seen = Ndjson(bytes);
    EXPECT_GT(seen.size(), 1000U);
    EXPECT_EQ(seen.back().error, "corrupt_gzip");
    EXPECT_FALSE(seen.back().is_utf8);
    EXPECT_TRUE(bytes.ends_with(seen.back().raw));
    EXPECT_GT(seen.back().raw.size(), 1000U);
}

TEST(Gzip, BytesThatCannotBeDecodedLandInBlocks) {
    std::string noise;
    for (uint32_t i = 0; noise.size() < 5 * kBlockRecordBytes / 2; ++i)
        noise += static_cast<char>((i * 2654435761U) >> 24);
    const auto seen = Ndjson(Gzip("{\"a\":1}\n") + "x" + noise);
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_EQ(Join(seen).bytes, "x" + noise);
    EXPECT_EQ(seen[1].raw.size(), kBlockRecordBytes);
    EXPECT_EQ(seen[3].error, "corrupt_gzip");
}

TEST(Gzip, WrongChecksumAndTrailingBytesAreTold) {
    std::string bytes = Gzip("{\"a\":1}\n");
    bytes[bytes.size() - 6] ^= 1;
    auto seen = Ndjson(bytes);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].fields, "a=1");
    EXPECT_EQ(seen[1].error, "corrupt_gzip");
    EXPECT_TRUE(bytes.ends_with(seen[1].raw));
    seen = Ndjson(Gzip("{\"a\":1}\n") + "tail");
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[1].raw, "tail");
}

TEST(Gzip, TheMarksSayWhereInTheCompressedFile) {
    ManualClock clock{TimestampUs{}};
    storage::MemoryStore store(clock);
    const std::string good = Gzip("{\"a\":1}\n");
    store.Put("mem://t/file", good + "tail");
    FileRecords records(store.OpenReader("mem://t/file"), {});
    Record record;
    ASSERT_TRUE(records.Next(record));
    ASSERT_TRUE(records.Next(record));
    EXPECT_TRUE(record.error_detail.starts_with(fmt::format(
        "compressed bytes {} to {} of {}", good.size() + 1, good.size() + 4, good.size() + 4)))
        << record.error_detail;
}

TEST(Csv, QuotesHoldDelimitersQuotesAndLines) {
    const auto seen =
        Csv("name,note\r\n\"a, b\",\"say \"\"hi\"\"\"\r\nplain,\"two\nlines\"\r\n,\"\"\nlast,x");
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_EQ(seen[0].fields, "name=a, b|note=say \"hi\"");
    EXPECT_EQ(seen[0].raw, "\"a, b\",\"say \"\"hi\"\"\"");
    EXPECT_EQ(seen[1].raw, "plain,\"two\nlines\"");
    EXPECT_EQ(seen[1].fields, "name=plain|note=two\nlines");
    EXPECT_EQ(seen[1].line, 3);
    EXPECT_EQ(seen[2].fields, "name=NULL|note=");
    EXPECT_EQ(seen[2].line, 5);
    EXPECT_EQ(seen[3].fields, "name=last|note=x");
}

TEST(Csv, WrongFieldCountIsMarked) {
    const auto seen = Csv("a,b\n1\n1,2,3\n1,2\n");
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].error, "field_count");
    EXPECT_EQ(seen[1].error, "field_count");
    EXPECT_EQ(seen[1].raw, "1,2,3");
    EXPECT_EQ(seen[2].fields, "a=1|b=2");
}

TEST(Csv, UnterminatedQuoteCostsOneLine) {
    const auto seen = Csv("a,b\n1,\"open\n2,x\n3,y\n");
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].error, "unterminated_quote");
    EXPECT_EQ(seen[0].raw, "1,\"open");
    EXPECT_EQ(seen[1].fields, "a=2|b=x");
    EXPECT_EQ(seen[2].line, 4);
}

TEST(Csv, UnterminatedQuoteIsBoundedByTheRecordLimit) {
    std::string bytes = "a,b\n1,\"open\n";
    for (int i = 0; i < 200'000; ++i) bytes += "2,x\n";
    const auto seen = Csv(bytes, {}, 1000);
    ASSERT_EQ(seen.size(), 200'001U);
    EXPECT_EQ(seen[0].error, "unterminated_quote");
    EXPECT_EQ(seen[1].fields, "a=2|b=x");
}

TEST(Csv, LongRecordLandsInPieces) {
    const std::string longest(600'000, 'x');
    const auto seen = Csv("a,b\n1," + longest + "\n2,y\n", {}, 1000);
    std::string joined;
    for (size_t i = 0; i + 1 < seen.size(); ++i) {
        EXPECT_EQ(seen[i].error, "record_too_long");
        joined += seen[i].raw;
    }
    EXPECT_TRUE(joined == "1," + longest);
    EXPECT_EQ(seen.back().fields, "a=2|b=y");
    EXPECT_EQ(seen.back().line, 3);
}

TEST(Csv, TextAfterAClosingQuoteIsMarked) {
    const auto seen = Csv("a,b\n\"1\"x,2\n3,4\n");
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].error, "malformed_quote");
    EXPECT_EQ(seen[0].raw, "\"1\"x,2");
    EXPECT_EQ(seen[1].fields, "a=3|b=4");
}

TEST(Csv, RecordThatIsNotUtf8) {
    const auto seen = Csv("a,b\n1,Z\xfcrich\n2,y\n");
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].error, "invalid_utf8");
    EXPECT_FALSE(seen[0].is_utf8);
    EXPECT_EQ(seen[1].fields, "a=2|b=y");
}

TEST(Csv, HeaderThatCannotBeReadMarksEveryLine) {
    for (const std::string& header : {std::string("a\xff,b"), std::string("a\0,b", 4),
                                      std::string("a,b\r1,2\r3,4"), std::string("\"a\"x,b")}) {
        const auto seen = Csv(header + "\n1,2\n");
        ASSERT_EQ(seen.size(), 2U) << header;
        EXPECT_EQ(seen[0].error, "invalid_header");
        EXPECT_EQ(seen[0].raw, header);
        EXPECT_EQ(seen[1].error, "invalid_header");
        EXPECT_EQ(seen[1].raw, "1,2");
    }
}

TEST(Csv, HeaderAloneHasNoRecord) {
    EXPECT_TRUE(Csv("a,b\n").empty());
    EXPECT_TRUE(Csv("a,b").empty());
}

TEST(Csv, WithoutHeaderTheSchemaNamesTheFields) {
    const auto seen = Csv("1;'2;3'\n", {.delimiter = ';', .quote = '\'', .has_header = false});
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].fields, "x=1|y=2;3");
    EXPECT_EQ(seen[0].line, 1);
}

TEST(Csv, TruncatedGzipMarksTheRecordItCut) {
    std::string text = "a,b\n";
    for (int i = 0; i < 30'000; ++i)
        text += std::to_string(i * 7919 % 100'003) + "," + std::to_string(i) + "\n";
    const std::string whole = Gzip(text);
    const auto seen = Csv(whole.substr(0, whole.size() / 3));
    ASSERT_GT(seen.size(), 100U);
    EXPECT_EQ(seen.back().error, "truncated_gzip");
}

TEST(Csv, HeaderThatIsCutOffLands) {
    std::string header;
    uint64_t chaos = 1;
    for (int i = 0; i < 2000; ++i) {
        chaos = chaos * 6364136223846793005ULL + 1442695040888963407ULL;
        header += std::to_string(chaos >> 20) + ",";
    }
    const std::string whole = Gzip(header + "last\n");
    const auto seen = Csv(whole.substr(0, whole.size() / 2));
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].error, "truncated_gzip");
    EXPECT_GT(seen[0].raw.size(), 1000U);
    EXPECT_TRUE(header.starts_with(seen[0].raw));
}

}  // namespace
}  // namespace tarn::ingest
