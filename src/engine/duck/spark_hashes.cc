#include "engine/duck/spark_hashes.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <xxhash.h>

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "engine/duck/scalar_adapter.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using std::string;
using std::string_view;

constexpr uint32_t kSeed = 42;
constexpr int kMostLongDigits = 18;  // of a decimal that Spark keeps in a long

// Murmur3 as Spark has it: the bytes behind the last whole word count one by one.
class Murmur3 {
public:
    using Hash = uint32_t;
    static Hash OfInt(int32_t value, Hash seed) {
        return Finish(Mix(seed, Scrambled(static_cast<uint32_t>(value))), 4);
    }
    static Hash OfLong(int64_t value, Hash seed) {
        const auto bits = static_cast<uint64_t>(value);
        Hash hash = Mix(seed, Scrambled(static_cast<uint32_t>(bits)));
        hash = Mix(hash, Scrambled(static_cast<uint32_t>(bits >> 32)));
        return Finish(hash, 8);
    }
    static Hash OfBytes(string_view bytes, Hash seed) {
        Hash hash = seed;
        size_t at = 0;
        for (; at + 4 <= bytes.size(); at += 4) {
            uint32_t word = 0;
            std::memcpy(&word, bytes.data() + at, 4);
            hash = Mix(hash, Scrambled(word));
        }
        for (; at < bytes.size(); ++at)
            hash = Mix(hash, Scrambled(static_cast<uint32_t>(static_cast<int8_t>(bytes[at]))));
        return Finish(hash, static_cast<uint32_t>(bytes.size()));
    }
    static Value Result(Hash hash) { return Value::INTEGER(static_cast<int32_t>(hash)); }

private:
    static uint32_t Scrambled(uint32_t word) {
        return std::rotl(word * 0xcc9e2d51U, 15) * 0x1b873593U;
    }
    static Hash Mix(Hash hash, uint32_t word) {
        return std::rotl(hash ^ word, 13) * 5 + 0xe6546b64U;
    }
    static Hash Finish(Hash hash, uint32_t size) {
        hash ^= size;
        hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
        return hash ^ (hash >> 16);
    }
};

class XxHash64 {
public:
    using Hash = uint64_t;
    static Hash OfInt(int32_t value, Hash seed) { return XXH64(&value, sizeof(value), seed); }
    static Hash OfLong(int64_t value, Hash seed) { return XXH64(&value, sizeof(value), seed); }
    static Hash OfBytes(string_view bytes, Hash seed) {
        return XXH64(bytes.data(), bytes.size(), seed);
    }
    static Value Result(Hash hash) { return Value::BIGINT(static_cast<int64_t>(hash)); }
};

// The fewest bytes that hold the number in two's complement, the highest first.
string BigEndian(duckdb::hugeint_t value) {
    string bytes;
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>(static_cast<uint64_t>(value.upper) >> shift);
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(value.lower >> shift);
    const char filler = value.upper < 0 ? '\xff' : '\0';
    size_t first = 0;
    while (first + 1 < bytes.size() && bytes[first] == filler &&
           ((bytes[first + 1] ^ filler) & 0x80) == 0)
        ++first;
    return bytes.substr(first);
}

template <class Algorithm>
typename Algorithm::Hash HashOf(const Value& value, typename Algorithm::Hash seed) {
    if (value.IsNull()) return seed;
    switch (value.type().id()) {
        case LogicalTypeId::BOOLEAN:
            return Algorithm::OfInt(value.GetValue<bool>() ? 1 : 0, seed);
        case LogicalTypeId::TINYINT:
        case LogicalTypeId::SMALLINT:
        case LogicalTypeId::INTEGER:
        case LogicalTypeId::INTEGER_LITERAL:
            return Algorithm::OfInt(value.GetValue<int32_t>(), seed);
        case LogicalTypeId::DATE:
            return Algorithm::OfInt(value.GetValue<duckdb::date_t>().days, seed);
        case LogicalTypeId::BIGINT:
            return Algorithm::OfLong(value.GetValue<int64_t>(), seed);
        case LogicalTypeId::TIMESTAMP:
            return Algorithm::OfLong(value.GetValue<duckdb::timestamp_t>().value, seed);
        case LogicalTypeId::TIMESTAMP_TZ:
            return Algorithm::OfLong(value.GetValue<duckdb::timestamp_tz_t>().value, seed);
        case LogicalTypeId::FLOAT: {
            const auto number = value.GetValue<float>();
            return Algorithm::OfInt(std::bit_cast<int32_t>(number == 0 ? 0.0F : number), seed);
        }
        case LogicalTypeId::DOUBLE: {
            const auto number = value.GetValue<double>();
            return Algorithm::OfLong(std::bit_cast<int64_t>(number == 0 ? 0.0 : number), seed);
        }
        case LogicalTypeId::DECIMAL: {
            const auto digits = duckdb::IntegralValue::Get(value);
            if (duckdb::DecimalType::GetWidth(value.type()) <= kMostLongDigits)
                return Algorithm::OfLong(duckdb::Hugeint::Cast<int64_t>(digits), seed);
            return Algorithm::OfBytes(BigEndian(digits), seed);
        }
        case LogicalTypeId::LIST: {
            for (const Value& item : duckdb::ListValue::GetChildren(value))
                seed = HashOf<Algorithm>(item, seed);
            return seed;
        }
        case LogicalTypeId::STRUCT: {
            for (const Value& item : duckdb::StructValue::GetChildren(value))
                seed = HashOf<Algorithm>(item, seed);
            return seed;
        }
        case LogicalTypeId::VARCHAR:
        case LogicalTypeId::BLOB:
            return Algorithm::OfBytes(duckdb::StringValue::Get(value), seed);
        default:
            ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "values of type {} cannot be hashed",
                                value.type().ToString()));
    }
}

template <class Algorithm>
void GiveHashes(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        typename Algorithm::Hash hash = kSeed;
        for (duckdb::Vector& column : arguments.data)
            hash = HashOf<Algorithm>(column.GetValue(row), hash);
        result.SetValue(row, Algorithm::Result(hash));
    }
}

string Hex(string_view bytes, const char* digits) {
    string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

constexpr const char* kSmallDigits = "0123456789abcdef";
constexpr const char* kDigits = "0123456789ABCDEF";

string Digest(string_view bytes, const EVP_MD* method) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, method, nullptr);
    return Hex({reinterpret_cast<const char*>(digest.data()), size}, kSmallDigits);
}

std::optional<string> Sha2(Bytes bytes, int32_t bits) {
    switch (bits) {
        case 224:
            return Digest(bytes.data, EVP_sha224());
        case 0:
        case 256:
            return Digest(bytes.data, EVP_sha256());
        case 384:
            return Digest(bytes.data, EVP_sha384());
        case 512:
            return Digest(bytes.data, EVP_sha512());
        default:
            return std::nullopt;
    }
}

int64_t Crc32(Bytes bytes) {
    uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes.data) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return static_cast<int64_t>(crc ^ 0xFFFFFFFFU);
}

string HexOfBytes(Bytes bytes) { return Hex(bytes.data, kDigits); }
string HexOfNumber(int64_t number) {
    auto bits = static_cast<uint64_t>(number);
    string text;
    do text.insert(text.begin(), kDigits[bits & 15]);
    while ((bits >>= 4) != 0);
    return text;
}

std::optional<int> HexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

// An odd number of digits lacks a zero in front.
std::optional<Bytes> Unhex(string_view text) {
    Bytes bytes;
    size_t at = 0;
    if (text.size() % 2 == 1) {
        const auto digit = HexDigit(text[at++]);
        if (!digit) return std::nullopt;
        bytes.data += static_cast<char>(*digit);
    }
    for (; at < text.size(); at += 2) {
        const auto high = HexDigit(text[at]);
        const auto low = HexDigit(text[at + 1]);
        if (!high || !low) return std::nullopt;
        bytes.data += static_cast<char>(*high * 16 + *low);
    }
    return bytes;
}

// As forms of web pages send it: blanks are +.
string UrlEncode(string_view text) {
    string encoded;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '*' ||
                              c == '_';
        if (is_plain) {
            encoded += c;
        } else if (c == ' ') {
            encoded += '+';
        } else {
            encoded += '%' + Hex({&c, 1}, kDigits);
        }
    }
    return encoded;
}

std::optional<string> TryUrlDecode(string_view text) {
    string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const auto high = HexDigit(text[i + 1]);
            const auto low = HexDigit(text[i + 2]);
            if (!high || !low) return std::nullopt;
            decoded += static_cast<char>(*high * 16 + *low);
            i += 2;
        }
    }
    if (!Value::StringIsValid(decoded.data(), decoded.size())) return std::nullopt;
    return decoded;
}
string UrlDecode(string_view text) {
    if (auto decoded = TryUrlDecode(text)) return *decoded;
    throw Error(ErrorKind::kInvalidInput,
                "'{}' is no encoded URL: use try_url_decode to get NULL instead", text);
}

// scheme://user@host:port/path?query#ref
struct Url {
    std::optional<string_view> scheme, authority, query, ref;
    string_view path;

    static std::optional<Url> Read(string_view text) {
        for (const char c : text) {
            if (static_cast<unsigned char>(c) <= ' ' ||
                string_view("<>\"{}|\\^`").find(c) != string_view::npos)
                return std::nullopt;
        }
        Url url;
        if (const size_t at = text.find('#'); at != string_view::npos) {
            url.ref = text.substr(at + 1);
            text = text.substr(0, at);
        }
        if (const size_t at = text.find('?'); at != string_view::npos) {
            url.query = text.substr(at + 1);
            text = text.substr(0, at);
        }
        if (const size_t at = text.find_first_of(":/");
            at != string_view::npos && text[at] == ':') {
            url.scheme = text.substr(0, at);
            text = text.substr(at + 1);
        }
        if (text.starts_with("//")) {
            const size_t end = std::min(text.find('/', 2), text.size());
            url.authority = text.substr(2, end - 2);
            text = text.substr(end);
        }
        url.path = text;
        return url;
    }

    std::optional<string> Part(string_view part) const {
        const auto own = [](const std::optional<string_view>& view) {
            return view ? std::optional<string>(*view) : std::nullopt;
        };
        if (part == "PROTOCOL") return own(scheme);
        if (part == "AUTHORITY") return own(authority);
        if (part == "QUERY") return own(query);
        if (part == "REF") return own(ref);
        if (part == "PATH") return string(path);
        if (part == "FILE") return string(path) + (query ? "?" + string(*query) : "");
        if (!authority) return std::nullopt;
        const size_t at = authority->find('@');
        if (part == "USERINFO")
            return at == string_view::npos ? std::nullopt
                                           : std::optional<string>(authority->substr(0, at));
        if (part != "HOST") return std::nullopt;
        const string_view host = at == string_view::npos ? *authority : authority->substr(at + 1);
        return string(host.substr(0, host.find(':')));
    }
};

std::optional<string> TryParseUrl(string_view text, string_view part) {
    const auto url = Url::Read(text);
    return url ? url->Part(part) : std::nullopt;
}
std::optional<string> ParseUrl(string_view text, string_view part) {
    if (Url::Read(text)) return TryParseUrl(text, part);
    throw Error(ErrorKind::kInvalidInput, "'{}' is no URL: use try_parse_url to get NULL instead",
                text);
}

// The value of a key in a query.
std::optional<string> QueryValue(string_view query, string_view key) {
    for (size_t begin = 0; begin <= query.size();) {
        const size_t end = std::min(query.find('&', begin), query.size());
        const string_view pair = query.substr(begin, end - begin);
        const size_t equals = pair.find('=');
        if (equals != string_view::npos && pair.substr(0, equals) == key)
            return string(pair.substr(equals + 1));
        begin = end + 1;
    }
    return std::nullopt;
}

// The characters of a text as bytes in one of Java's standard charsets, and back.
std::optional<string> CharsetOf(string_view name) {
    string upper;
    for (const char c : name) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (upper == "UTF8") return "UTF-8";
    for (const char* known :
         {"US-ASCII", "ISO-8859-1", "UTF-8", "UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32"}) {
        if (upper == known) return known;
    }
    throw Error(ErrorKind::kInvalidInput,
                "there is no charset {}: US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE, UTF-16, "
                "UTF-32 are",
                name);
}

std::vector<uint32_t> CodePoints(string_view text) {
    std::vector<uint32_t> points;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            points.push_back(byte);
        } else if (byte < 0xC0) {
            points.back() = points.back() << 6 | (byte & 0x3FU);
        } else {
            points.push_back(byte < 0xE0 ? byte & 0x1FU : byte < 0xF0 ? byte & 0x0FU : byte & 7U);
        }
    }
    return points;
}

void AppendUnit(string& out, uint32_t unit, int bytes, bool is_little) {
    for (int i = 0; i < bytes; ++i) {
        const int shift = 8 * (is_little ? i : bytes - 1 - i);
        out += static_cast<char>(unit >> shift);
    }
}

Bytes Encode(string_view text, string_view name) {
    const string charset = *CharsetOf(name);
    if (charset == "UTF-8") return {string(text)};
    Bytes bytes;
    if (charset == "UTF-16") bytes.data = "\xFE\xFF";
    const bool is_little = charset == "UTF-16LE";
    for (const uint32_t point : CodePoints(text)) {
        if (charset == "UTF-32") {
            AppendUnit(bytes.data, point, 4, false);
        } else if (charset.starts_with("UTF-16")) {
            if (point >= 0x10000) {
                AppendUnit(bytes.data, 0xD800 + ((point - 0x10000) >> 10), 2, is_little);
                AppendUnit(bytes.data, 0xDC00 + ((point - 0x10000) & 0x3FF), 2, is_little);
            } else {
                AppendUnit(bytes.data, point, 2, is_little);
            }
        } else if (point >= (charset == "US-ASCII" ? 0x80U : 0x100U)) {
            throw Error(ErrorKind::kInvalidInput, "'{}' has characters that {} lacks", text,
                        charset);
        } else {
            bytes.data += static_cast<char>(point);
        }
    }
    return bytes;
}

void AppendPoint(string& out, uint32_t point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
        return;
    }
    const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    constexpr unsigned char kHeads[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(kHeads[more] | (point >> (6 * more)));
    for (int i = more - 1; i >= 0; --i)
        out += static_cast<char>(0x80 | ((point >> (6 * i)) & 0x3F));
}

string Decode(Bytes bytes, string_view name) {
    const string charset = *CharsetOf(name);
    string text;
    if (charset == "UTF-8") {
        text = bytes.data;
    } else if (charset == "US-ASCII" || charset == "ISO-8859-1") {
        for (const char c : bytes.data) AppendPoint(text, static_cast<unsigned char>(c));
    } else {
        const size_t width = charset == "UTF-32" ? 4 : 2;
        bool is_little = charset == "UTF-16LE";
        uint32_t high = 0;
        for (size_t at = 0; at + width <= bytes.data.size(); at += width) {
            uint32_t unit = 0;
            for (size_t i = 0; i < width; ++i) {
                const size_t place = is_little ? at + width - 1 - i : at + i;
                unit = unit << 8 | static_cast<unsigned char>(bytes.data[place]);
            }
            if (at == 0 && charset == "UTF-16" && (unit == 0xFEFF || unit == 0xFFFE)) {
                is_little = unit == 0xFFFE;
            } else if (unit >= 0xD800 && unit < 0xDC00) {
                high = unit;
            } else if (unit >= 0xDC00 && unit < 0xE000) {
                AppendPoint(text, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
            } else {
                AppendPoint(text, unit);
            }
        }
    }
    if (Value::StringIsValid(text.data(), text.size())) return text;
    throw Error(ErrorKind::kInvalidInput, "the bytes are no text in {}", charset);
}

}  // namespace

void RegisterSparkHashes(duckdb::ExtensionLoader& loader) {
    duckdb::ScalarFunction murmur("spark_murmur3", {}, LogicalType::INTEGER, GiveHashes<Murmur3>);
    duckdb::ScalarFunction xx("spark_xxhash64", {}, LogicalType::BIGINT, GiveHashes<XxHash64>);
    for (duckdb::ScalarFunction* function : {&murmur, &xx}) {
        function->varargs = LogicalType::ANY;
        function->null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
        loader.RegisterFunction(*function);
    }
    for (const duckdb::ScalarFunction& function :
         {Adapted<Sha2>("spark_sha2"), Adapted<Crc32>("spark_crc32"),
          Adapted<HexOfBytes>("spark_hex_of_bytes"), Adapted<HexOfNumber>("spark_hex_of_number"),
          Adapted<Unhex>("spark_unhex"), Adapted<UrlEncode>("spark_url_encode"),
          Adapted<UrlDecode>("spark_url_decode"), Adapted<TryUrlDecode>("spark_try_url_decode"),
          Adapted<ParseUrl>("spark_parse_url"), Adapted<TryParseUrl>("spark_try_parse_url"),
          Adapted<QueryValue>("spark_query_value"), Adapted<Encode>("spark_encode"),
          Adapted<Decode>("spark_decode")})
        loader.RegisterFunction(function);
}

}  // namespace tarn::engine::duck
