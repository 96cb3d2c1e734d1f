// For tests: lines of a log as other writers give them, and where they go.
#pragma once

#include <initializer_list>
#include <string>

#include <fmt/core.h>

#include "delta/log_path.h"
#include "delta/testing/table_fixture.h"

namespace tarn::delta {

inline constexpr const char* kPlainProtocol =
    R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})";

inline std::string Lines(std::initializer_list<std::string> lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

// Fields are the JSON of their objects, configuration that of its members.
inline std::string MetadataLine(std::string fields, const std::string& configuration = "",
                                const std::string& partition_columns = "") {
    std::string escaped;
    for (const char c : "{\"type\":\"struct\",\"fields\":[" + fields + "]}") {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return R"({"metaData":{"id":"u","format":{"provider":"parquet","options":{}},)"
           R"("schemaString":")" +
           escaped + R"(","partitionColumns":[)" + partition_columns + R"(],"configuration":{)" +
           configuration + "}}}";
}

inline std::string FieldJson(const std::string& name, const std::string& type = "long",
                             bool nullable = true) {
    return fmt::format(R"({{"name":"{}","type":"{}","nullable":{},"metadata":{{}}}})", name, type,
                       nullable);
}

// One long column "id".
inline std::string IdMetadata(const std::string& configuration = "") {
    return MetadataLine(FieldJson("id"), configuration);
}

inline std::string AddLine(const std::string& path, const std::string& more = "") {
    return R"({"add":{"path":")" + path +
           R"(","partitionValues":{},"size":10,"modificationTime":1,"dataChange":true)" + more +
           "}}";
}

inline std::string RemoveLine(const std::string& path, const std::string& more = "") {
    return R"({"remove":{"path":")" + path +
           R"(","partitionValues":{},"size":10,"deletionTimestamp":1,"dataChange":true)" + more +
           "}}";
}

inline std::string CommitTimeLine(int64_t unix_ms) {
    return fmt::format(R"({{"commitInfo":{{"inCommitTimestamp":{}}}}})", unix_ms);
}

// A fixture whose log other writers have written.
class ForeignLog : public TableFixture {
protected:
    using Paths = std::multiset<std::string>;

    static std::string LogFile(const std::string& name) { return LogFolder(kRoot) + "/" + name; }
    void Put(const std::string& name, const std::string& text) { store_.Put(LogFile(name), text); }
    // Version 0 with one file "f0", then a commit adding "f<n>" each.
    void PutVersions(int64_t last) {
        PutLog(0, Lines({kPlainProtocol, IdMetadata(), AddLine("f0")}));
        for (int64_t n = 1; n <= last; ++n) PutLog(n, AddLine("f" + std::to_string(n)));
    }
    ErrorKind Refusal() {
        return KindOf([&] { (void)Latest(); });
    }
    // The words of the refusal name what is wrong.
    std::string RefusalText() {
        try {
            (void)Latest();
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }
};

}  // namespace tarn::delta
