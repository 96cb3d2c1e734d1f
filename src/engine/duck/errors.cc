#include "engine/duck/errors.h"

#include <cerrno>

#include "base/text.h"
#include "engine/duck/store_file_system.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kKindKey = "tarn_kind";
constexpr const char* kLineKey = "tarn_line";
constexpr const char* kColumnKey = "tarn_column";
constexpr const char* kFileKey = "tarn_file";
constexpr const char* kPositionKey = "position";  // DuckDB's own
constexpr const char* kErrnoKey = "errno";
constexpr const char* kContextPrefix = "tarn_context:";

using ExtraInfo = std::unordered_map<std::string, std::string>;

std::optional<std::string> Find(const ExtraInfo& info, const std::string& key) {
    auto found = info.find(key);
    if (found == info.end()) return std::nullopt;
    return found->second;
}

ExtraInfo Pack(const Error& error) {
    ExtraInfo info;
    info[kKindKey] = std::string(TraitsOf(error.kind()).name);
    if (error.spot().line > 0) {
        info[kFileKey] = error.spot().file;
        info[kLineKey] = std::to_string(error.spot().line);
        info[kColumnKey] = std::to_string(error.spot().column);
    }
    for (const auto& [key, value] : error.context()) info[kContextPrefix + key] = value;
    return info;
}

Error Unpack(ErrorKind kind, std::string message, const ExtraInfo& info) {
    Error error(kind, std::move(message));
    for (const auto& [key, value] : info) {
        if (key.starts_with(kContextPrefix)) {
            error =
                std::move(error).With(key.substr(std::string_view(kContextPrefix).size()), value);
        }
    }
    if (auto line = Find(info, kLineKey)) {
        TextSpot spot;
        spot.file = Find(info, kFileKey).value_or("");
        spot.line = static_cast<int>(ParseInt(*line).value_or(0));
        spot.column = static_cast<int>(ParseInt(Find(info, kColumnKey).value_or("0")).value_or(0));
        error = std::move(error).At(std::move(spot));
    }
    return error;
}

// In the pinned library these failures carry neither subtype nor number: their words are the only
// sign. A test for each tells when an upgrade changes them.
bool NamesMissingCatalog(const std::string& message) {
    return message.starts_with("Catalog \"") && message.find("does not exist") != std::string::npos;
}
bool NamesMissingSchema(const std::string& message) {
    return message.find("does not exist because schema") != std::string::npos ||
           (message.find("with name") != std::string::npos &&
            message.find("does not exist") != std::string::npos);
}
bool NamesMissingFiles(const std::string& message) {
    return message.find("No files found that match") != std::string::npos;
}

ErrorKind KindOfCatalogError(const ExtraInfo& info, const std::string& message) {
    const std::string subtype = Find(info, "error_subtype").value_or("");
    if (subtype == "ENTRY_ALREADY_EXISTS") return ErrorKind::kAlreadyExists;
    if (subtype != "MISSING_ENTRY") {
        return NamesMissingSchema(message) ? ErrorKind::kNotFound : ErrorKind::kInvalidInput;
    }
    // A missing table, schema or catalog is NotFound; a missing function, type or setting is a
    // mistake in the text.
    const std::string type = AsciiLower(Find(info, "type").value_or(""));
    for (const char* found : {"table", "view", "schema", "database", "catalog"}) {
        if (type == found) return ErrorKind::kNotFound;
    }
    return ErrorKind::kInvalidInput;
}

ErrorKind KindOfIoError(const ExtraInfo& info, const std::string& message) {
    if (auto number = Find(info, kErrnoKey)) {
        switch (ParseInt(*number).value_or(0)) {
            case ENOENT:
                return ErrorKind::kNotFound;
            case EACCES:
            case EPERM:
                return ErrorKind::kPermissionDenied;
            case ENOSPC:
            case EDQUOT:
            case EMFILE:
                return ErrorKind::kLimitExceeded;
            default:
                return ErrorKind::kUnavailable;
        }
    }
    return NamesMissingFiles(message) ? ErrorKind::kNotFound : ErrorKind::kUnavailable;
}

ErrorKind KindOf(const duckdb::ErrorData& data, InterruptCause cause) {
    using duckdb::ExceptionType;
    switch (data.Type()) {
        case ExceptionType::CATALOG:
            return KindOfCatalogError(data.ExtraInfo(), data.RawMessage());
        case ExceptionType::BINDER:
            return NamesMissingCatalog(data.RawMessage()) ? ErrorKind::kNotFound
                                                          : ErrorKind::kInvalidInput;
        case ExceptionType::IO:
            return KindOfIoError(data.ExtraInfo(), data.RawMessage());
        case ExceptionType::HTTP:
        case ExceptionType::NETWORK:
        case ExceptionType::CONNECTION:
            return ErrorKind::kUnavailable;
        case ExceptionType::INTERRUPT:
            return cause == InterruptCause::kTimeout ? ErrorKind::kTimeout : ErrorKind::kCancelled;
        case ExceptionType::OUT_OF_MEMORY:
        case ExceptionType::OBJECT_SIZE:
            return ErrorKind::kLimitExceeded;
        case ExceptionType::PERMISSION:
            return ErrorKind::kPermissionDenied;
        case ExceptionType::NOT_IMPLEMENTED:
        case ExceptionType::MISSING_EXTENSION:
        case ExceptionType::AUTOLOAD:
            return ErrorKind::kUnsupported;
        case ExceptionType::INTERNAL:
        case ExceptionType::FATAL:
        case ExceptionType::NULL_POINTER:
        case ExceptionType::SERIALIZATION:
        case ExceptionType::SCHEDULER:
        case ExceptionType::EXECUTOR:
        case ExceptionType::INVALID:
            return ErrorKind::kInternal;
        default:
            return ErrorKind::kInvalidInput;
    }
}

std::optional<ErrorKind> KindNamed(const std::string& name) {
    for (ErrorKind kind : AllErrorKinds()) {
        if (TraitsOf(kind).name == name) return kind;
    }
    return std::nullopt;
}

}  // namespace

duckdb::ErrorData ToErrorData(const Error& error) {
    return duckdb::ErrorData(
        duckdb::Exception(Pack(error), duckdb::ExceptionType::INVALID_INPUT, error.message()));
}

void ThrowIntoDuck(const Error& error, duckdb::optional_idx position) {
    ExtraInfo info = Pack(error);
    if (position.IsValid()) info[kPositionKey] = std::to_string(position.GetIndex());
    throw duckdb::Exception(info, duckdb::ExceptionType::INVALID_INPUT, error.message());
}

TranslatedError FromDuck(const duckdb::ErrorData& data, InterruptCause cause) {
    // With errors_as_json the message is the whole error; without, it is only words.
    if (!data.RawMessage().empty() && data.RawMessage().front() == '{') {
        const duckdb::ErrorData parsed(data.RawMessage());
        if (parsed.RawMessage().empty() || parsed.RawMessage().front() != '{')
            return FromDuck(parsed, cause);
    }
    std::optional<size_t> position;
    if (auto text = Find(data.ExtraInfo(), kPositionKey)) {
        if (auto number = ParseInt(*text); number && *number >= 0)
            position = static_cast<size_t>(*number);
    }
    std::string message = StoreFileSystem::HideScheme(data.RawMessage());
    if (auto name = Find(data.ExtraInfo(), kKindKey)) {
        if (auto kind = KindNamed(*name))
            return {Unpack(*kind, std::move(message), data.ExtraInfo()), position};
    }
    return {Error(KindOf(data, cause), std::move(message)), position};
}

Error FromException(const std::exception& exception) {
    if (const auto* error = dynamic_cast<const Error*>(&exception)) return *error;
    return FromDuck(duckdb::ErrorData(exception)).error;
}

Error AboutStoredFile(const std::string& location, const std::exception& exception) {
    const duckdb::ErrorData data(exception);
    Error error = FromException(exception);
    // Errors of the store come with their kind or the system's number: what DuckDB says of itself
    // is about the bytes.
    if (!data.ExtraInfo().contains(kKindKey)) {
        const bool is_io = data.Type() == duckdb::ExceptionType::IO;
        switch (error.kind()) {
            case ErrorKind::kUnavailable:
                if (!is_io || data.ExtraInfo().contains(kErrnoKey)) return error;
                break;
            case ErrorKind::kInvalidInput:
            case ErrorKind::kUnsupported:
            case ErrorKind::kInternal:
                break;
            default:
                return error;
        }
        return Error(ErrorKind::kCorrupt, "{}: {}", location, error.message());
    }
    return error;
}

}  // namespace tarn::engine::duck
