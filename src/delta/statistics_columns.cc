#include "delta/statistics_columns.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/text.h"
#include "table/schema_edit.h"

namespace tarn::delta {
namespace {

using table::Field;
using Path = std::vector<std::string>;

// "a, s.x, `b.c`" as [a], [s, x], [b.c]; in backticks two of them are one.
std::vector<Path> NamesIn(std::string_view list) {
    std::vector<Path> names(1);
    std::string part;
    bool is_quoted = false;
    bool was_quoted = false;
    const auto end_part = [&] {
        const std::string text = was_quoted ? part : std::string(Trim(part));
        if (!text.empty()) names.back().push_back(text);
        part.clear();
        was_quoted = false;
    };
    for (size_t i = 0; i < list.size(); ++i) {
        const char c = list[i];
        const bool is_escaped = is_quoted && c == '`' && i + 1 < list.size() && list[i + 1] == '`';
        if (c == '`' && !is_escaped) {
            is_quoted = !is_quoted;
            if (is_quoted) part.clear();
            was_quoted = true;
        } else if (!is_quoted && (c == '.' || c == ',')) {
            end_part();
            if (c == ',') names.emplace_back();
        } else if (is_quoted || !was_quoted) {
            part += c;
            if (is_escaped) ++i;
        }
    }
    end_part();
    std::erase_if(names, [](const Path& name) { return name.empty(); });
    return names;
}

std::string QuotedName(const Path& name) {
    Path parts;
    for (const std::string& part : name) {
        std::string quoted = "`";
        for (const char c : part) quoted += c == '`' ? std::string("``") : std::string(1, c);
        const bool is_plain = std::all_of(part.begin(), part.end(), [](unsigned char c) {
            return c == '_' || (c < 0x80 && std::isalnum(c) != 0);
        });
        parts.push_back(is_plain ? part : quoted + "`");
    }
    return Join(parts, ".");
}

const std::string& PhysicalOf(const Field& field) {
    return field.physical_name.empty() ? field.name : field.physical_name;
}

// Empty when there is no such column.
Path PhysicalPath(const std::vector<Field>& columns, const Path& name) {
    Path path;
    const std::vector<Field>* fields = &columns;
    for (const std::string& part : name) {
        const int at = fields == nullptr ? -1 : table::FindField(*fields, part);
        if (at < 0) return {};
        const Field& field = (*fields)[static_cast<size_t>(at)];
        path.push_back(PhysicalOf(field));
        fields = field.type.kind() == table::TypeKind::kStruct ? &field.type.children() : nullptr;
    }
    return path;
}

// Empty when it is gone.
Path NameAt(const std::vector<Field>& columns, const Path& physical_path) {
    Path name;
    const std::vector<Field>* fields = &columns;
    for (const std::string& part : physical_path) {
        const auto found = std::find_if(fields->begin(), fields->end(), [&](const Field& field) {
            return PhysicalOf(field) == part;
        });
        if (found == fields->end()) return {};
        name.push_back(found->name);
        fields = &found->type.children();
    }
    return name;
}

}  // namespace

std::vector<Path> StatisticsPaths(const table::Schema& schema, std::string_view list) {
    std::vector<Path> paths;
    for (const Path& name : NamesIn(list)) {
        Path path = PhysicalPath(schema.fields, name);
        if (!path.empty()) paths.push_back(std::move(path));
    }
    return paths;
}

void CheckStatisticsColumns(const table::TableMetadata& wanted, std::string_view list) {
    for (const Path& name : NamesIn(list)) {
        if (PhysicalPath(wanted.schema.fields, name).empty()) {
            throw Error(ErrorKind::kInvalidInput,
                        "the property {} cannot be '{}': there is no column {}; name columns and "
                        "fields of structs, as 'a, s.x'",
                        kStatisticsColumns, list, QuotedName(name));
        }
        for (const std::string& partition : wanted.partition_columns) {
            if (!EqualsIgnoreCase(partition, name.front())) continue;
            throw Error(ErrorKind::kInvalidInput,
                        "the property {} cannot be '{}': the table is partitioned by {}, whose "
                        "values every file has; leave it out",
                        kStatisticsColumns, list, partition);
        }
    }
}

std::string StatisticsColumnsAfter(const table::TableMetadata& before,
                                   const table::TableMetadata& after, std::string_view list) {
    Path names;
    bool is_same = true;
    for (const Path& path : StatisticsPaths(before.schema, list)) {
        const Path name = NameAt(after.schema.fields, path);
        is_same = is_same && name == NameAt(before.schema.fields, path);
        if (!name.empty()) names.push_back(QuotedName(name));
    }
    return is_same ? std::string(list) : Join(names, ",");
}

}  // namespace tarn::delta
