#include "engine/duck/file_schema.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "base/text.h"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "engine/duck/column_match.h"
#include "engine/duck/leaf_type.h"
#include "engine/duck/types.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;
using Node = duckdb::ParquetColumnSchema;
using table::TypeKind;

// What the names of columns that nobody asks for begin with when they are in the way.
constexpr char kAside = '\x1F';

// A type as the file has it, for messages.
std::string NameOf(const Node& node) {
    return node.type.id() == LogicalTypeId::INVALID ? "of an unknown type" : node.type.ToString();
}

void RetypeStruct(Node& node) {
    duckdb::child_list_t<LogicalType> children;
    for (const Node& child : node.children) children.emplace_back(child.name, child.type);
    node.type = LogicalType::STRUCT(std::move(children));
}

void SetType(MultiFileColumnDefinition& definition, LogicalType type) {
    definition.type = std::move(type);
    definition.default_expression =
        duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(definition.type));
}

class Fitter {
public:
    Fitter(const SchemaElements& elements, const std::string& location, const ColumnMatch& match,
           const FileCalendar& calendar)
        : elements_(elements), location_(location), match_(match), calendar_(calendar) {}

    // A column of the file and of the table, described for each other.
    struct Pair {
        MultiFileColumnDefinition in_file;
        MultiFileColumnDefinition in_table;
        bool is_own = false;     // described otherwise than the columns were bound
        bool has_casts = false;  // that a filter's constant cannot follow
    };

    // Filters are not for the stored form: beside a part that the table's side lacks DuckDB does
    // not take the column as it is.
    static void HoldFilters(Pair& pair) {
        pair.in_file.children.emplace_back("stored", pair.in_file.type);
        pair.has_casts = true;
    }
    // The column as it is stored; ReadStored makes it the table's.
    static Pair Stored(const Node& node, const table::Field& field) {
        Pair pair{{node.name, node.type}, {field.name, node.type}, true};
        SetType(pair.in_table, node.type);
        HoldFilters(pair);
        return pair;
    }

    // Corrupt or Unsupported when the column cannot be read as the field.
    Pair Fit(Node& node, const table::Field& field, const std::string& path) const;

private:
    Pair FitColumn(Node& node, const table::Field& field, const std::string& path) const;
    Pair FitVariant(Node& node, const table::Field& field, const std::string& path) const;
    void CheckShredded(const Node& group, const std::string& path) const;
    void RestoreNames(Node& node) const;
    Pair FitStruct(Node& node, const table::Field& field, const std::string& path) const;
    Pair FitList(Node& node, const table::Field& field, const std::string& path) const;
    Pair FitMap(Node& node, const table::Field& field, const std::string& path) const;
    void UnfoldElement(Node& list) const;
    [[noreturn]] void Refuse(const Node& node, const table::Field& field,
                             const std::string& path) const {
        throw Error(ErrorKind::kCorrupt, "{}: the column {} is {} in the file, which is no {}",
                    location_, path, NameOf(node), field.type.ToString());
    }

    const SchemaElements& elements_;
    const std::string& location_;
    const ColumnMatch& match_;
    const FileCalendar& calendar_;
};

Fitter::Pair Fitter::Fit(Node& node, const table::Field& field, const std::string& path) const {
    switch (field.type.kind()) {
        case TypeKind::kStruct:
            return FitStruct(node, field, path);
        case TypeKind::kArray:
            return FitList(node, field, path);
        case TypeKind::kMap:
            return FitMap(node, field, path);
        case TypeKind::kVariant:
            return FitVariant(node, field, path);
        default:
            return FitColumn(node, field, path);
    }
}

Fitter::Pair Fitter::FitColumn(Node& node, const table::Field& field,
                               const std::string& path) const {
    const auto& element = elements_.at(node.schema_index.GetIndex());
    const LeafFit fit = FitLeaf(node, element, field.type, calendar_);
    if (fit == LeafFit::kNone) Refuse(node, field, path);
    if (fit == LeafFit::kStored) return Stored(node, field);
    Pair pair{{node.name, node.type}, DefinitionOf(field)};
    pair.has_casts = !IsPlainCast(node.type, pair.in_table.type);
    return pair;
}

// A variant is read as the struct that it is stored as; what DuckDB makes of one that is marked
// loses digits and the variant null.
Fitter::Pair Fitter::FitVariant(Node& node, const table::Field& field,
                                const std::string& path) const {
    bool has_metadata = false;
    bool has_value = false;
    for (const Node& child : node.children) {
        const bool is_bytes = child.type.id() == LogicalTypeId::BLOB;
        if (child.name == "metadata" && is_bytes) has_metadata = true;
        if ((child.name == "value" && is_bytes) || child.name == "typed_value") has_value = true;
    }
    if (!has_metadata || !has_value) Refuse(node, field, path);
    CheckShredded(node, path);
    node.schema_type = duckdb::ParquetColumnSchemaType::COLUMN;
    RestoreNames(node);
    return Stored(node, field);
}

// Parts of a shredded object and elements of a shredded list are variants again, as groups.
void Fitter::CheckShredded(const Node& group, const std::string& path) const {
    for (const Node& typed : group.children) {
        if (typed.name != "typed_value" || typed.children.empty()) continue;
        const bool is_known =
            typed.type.id() == LogicalTypeId::STRUCT || typed.type.id() == LogicalTypeId::LIST;
        for (const Node& part : typed.children) {
            if (!is_known || part.type.id() != LogicalTypeId::STRUCT) {
                throw Error(ErrorKind::kCorrupt,
                            "{}: the variant {} is shredded into {}, which no variant can be",
                            location_, path, NameOf(typed));
            }
            CheckShredded(part, path);
        }
    }
}

// Names of fields are keys of a variant; DuckDB gave those that differ only in case other ones.
void Fitter::RestoreNames(Node& node) const {
    if (node.schema_type == duckdb::ParquetColumnSchemaType::GEOMETRY) return;
    for (Node& child : node.children) RestoreNames(child);
    if (node.type.id() == LogicalTypeId::LIST) {
        node.type = LogicalType::LIST(node.children[0].type);
    } else if (!node.children.empty()) {
        for (Node& child : node.children) child.name = ElementOf(elements_, child).name;
        RetypeStruct(node);
    }
}

Fitter::Pair Fitter::FitStruct(Node& node, const table::Field& field,
                               const std::string& path) const {
    if (node.type.id() != LogicalTypeId::STRUCT) Refuse(node, field, path);
    std::vector<const table::Field*> fields;
    std::unordered_set<std::string> names;
    for (const table::Field& child : field.type.children()) {
        fields.push_back(&child);
        names.insert(AsciiLower(child.name));
    }
    const std::vector<int> matches = match_.Find(node.children, fields, " of " + path);
    Pair pair{{node.name, node.type}, DefinitionOf(field)};
    std::vector<std::optional<Pair>> fitted(node.children.size());
    pair.in_table.children.clear();
    for (size_t i = 0; i < fields.size(); i++) {
        const bool is_void = fields[i]->type.kind() == TypeKind::kVoid;
        if (matches[i] < 0 || is_void) {
            pair.in_table.children.push_back(DefinitionOf(*fields[i]));
            continue;
        }
        const auto place = static_cast<size_t>(matches[i]);
        Pair child = Fit(node.children[place], *fields[i], path + "." + fields[i]->name);
        node.children[place].name = child.in_file.name = fields[i]->name;
        pair.in_table.children.push_back(child.in_table);
        pair.is_own = pair.is_own || child.is_own;
        pair.has_casts = pair.has_casts || child.has_casts;
        fitted[place] = std::move(child);
    }
    for (size_t i = 0; i < node.children.size(); i++) {
        Node& child = node.children[i];
        if (!fitted[i] && names.contains(AsciiLower(child.name)))
            child.name = kAside + std::to_string(i);
        pair.in_file.children.push_back(
            fitted[i] ? fitted[i]->in_file : MultiFileColumnDefinition(child.name, child.type));
    }
    RetypeStruct(node);
    pair.in_file.type = node.type;
    if (pair.is_own) {
        duckdb::child_list_t<LogicalType> types;
        for (const auto& child : pair.in_table.children) types.emplace_back(child.name, child.type);
        SetType(pair.in_table, LogicalType::STRUCT(std::move(types)));
    }
    return pair;
}

// In the older form of lists the repeated group is the element itself (Parquet, "LIST", backward
// compatibility); DuckDB takes the only field of such a group for the element.
void Fitter::UnfoldElement(Node& list) const {
    const auto group_index = list.schema_index.GetIndex();
    const auto& group = elements_.at(group_index);
    if (group.num_children != 1) return;
    Node& element = list.children[0];
    const bool is_element_itself = group.name == "array" || group.name.ends_with("_tuple");
    if (element.type.id() == LogicalTypeId::STRUCT && !is_element_itself) return;
    Node field = std::move(element);
    field.name = elements_.at(group_index + 1).name;
    field.parent_schema_index = group_index + 1;
    duckdb::child_list_t<LogicalType> types{{field.name, field.type}};
    const auto column_index = field.column_index;
    duckdb::vector<Node> fields;
    fields.push_back(std::move(field));
    list.children[0] =
        Node::FromChildSchemas(group.name, LogicalType::STRUCT(std::move(types)), list.max_define,
                               list.max_repeat, group_index, column_index, std::move(fields));
}

Fitter::Pair Fitter::FitList(Node& node, const table::Field& field, const std::string& path) const {
    if (node.type.id() != LogicalTypeId::LIST) Refuse(node, field, path);
    const table::Field& element = field.type.children()[0];
    if (element.type.kind() == TypeKind::kStruct) UnfoldElement(node);
    Pair part = Fit(node.children[0], element, path + ".element");
    node.type = LogicalType::LIST(node.children[0].type);
    Pair pair{{node.name, node.type}, DefinitionOf(field), part.is_own, part.has_casts};
    if (part.is_own) SetType(pair.in_table, LogicalType::LIST(part.in_table.type));
    if (node.type == pair.in_table.type) {
        if (part.is_own) HoldFilters(pair);
        return pair;
    }
    pair.is_own = true;
    // The name by which remap_struct calls the element.
    part.in_file.name = part.in_table.name = "list";
    pair.in_file.children.push_back(std::move(part.in_file));
    pair.in_table.children.push_back(std::move(part.in_table));
    return pair;
}

Fitter::Pair Fitter::FitMap(Node& node, const table::Field& field, const std::string& path) const {
    if (node.type.id() != LogicalTypeId::MAP || node.children.size() != 1 ||
        node.children[0].children.size() != 2) {
        Refuse(node, field, path);
    }
    constexpr const char* kNames[] = {"key", "value"};
    Node& entry = node.children[0];
    MultiFileColumnDefinition entry_in_file("key_value", entry.type);
    Pair pair{{node.name, node.type}, DefinitionOf(field)};
    for (size_t i = 0; i < 2; i++) {
        Pair part = Fit(entry.children[i], field.type.children()[i], path + "." + kNames[i]);
        entry.children[i].name = part.in_file.name = part.in_table.name = kNames[i];
        pair.is_own = pair.is_own || part.is_own;
        pair.has_casts = pair.has_casts || part.has_casts;
        entry_in_file.children.push_back(std::move(part.in_file));
        pair.in_table.children.push_back(std::move(part.in_table));
    }
    node.type = LogicalType::MAP(entry.children[0].type, entry.children[1].type);
    entry.type = duckdb::ListType::GetChildType(node.type);
    pair.in_file.type = node.type;
    const auto& parts = pair.in_table.children;
    if (pair.is_own) SetType(pair.in_table, LogicalType::MAP(parts[0].type, parts[1].type));
    if (node.type == pair.in_table.type) {
        pair.in_table.children.clear();
        if (pair.is_own) HoldFilters(pair);
    } else {
        pair.is_own = true;
        pair.in_file.children.push_back(std::move(entry_in_file));
    }
    return pair;
}

}  // namespace

// Parts of lists and maps are described only for files that need them mapped.
MultiFileColumnDefinition DefinitionOf(const table::Field& field) {
    const LogicalType type = ToLogicalType(field.type);
    MultiFileColumnDefinition definition(field.name, type);
    definition.default_expression =
        duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(type));
    if (field.type.kind() == TypeKind::kStruct) {
        for (const table::Field& child : field.type.children()) {
            definition.children.push_back(DefinitionOf(child));
        }
    }
    return definition;
}

FittedFile FitToTable(duckdb::ParquetReader& reader, const std::string& location, bool by_id,
                      const std::vector<AskedColumn>& asked, const ColumnDefinitions& bound) {
    const duckdb_parquet::FileMetaData& footer = *reader.GetFileMetadata();
    FittedFile file;
    file.calendar = CalendarOf(footer);
    const ColumnMatch match(footer.schema, location, by_id);
    const Fitter fitter(footer.schema, location, match, file.calendar);
    auto& nodes = reader.root_schema->children;
    std::vector<const table::Field*> fields;
    std::unordered_set<std::string> names;
    for (const AskedColumn& column : asked) {
        fields.push_back(column.field);
        names.insert(AsciiLower(bound.at(column.place).name));
    }
    const std::vector<int> matches = match.Find(nodes, fields, "");
    std::vector<bool> is_used(nodes.size());
    for (size_t i = 0; i < asked.size(); i++) {
        if (matches[i] < 0 || fields[i]->type.kind() == TypeKind::kVoid) continue;
        const auto place = static_cast<size_t>(matches[i]);
        auto pair = fitter.Fit(nodes[place], *fields[i], fields[i]->name);
        pair.in_file.name = bound[asked[i].place].name;
        is_used[place] = true;
        if (pair.has_casts) file.cast_places.push_back(asked[i].place);
        if (pair.is_own) {
            if (pair.in_table.type != bound[asked[i].place].type)
                file.stored_places.push_back(asked[i].place);
            if (!file.columns) file.columns = bound;
            (*file.columns)[asked[i].place] = pair.in_table;
        }
        reader.columns[place] = pair.in_file;
    }
    for (size_t i = 0; i < nodes.size(); i++) {
        auto& name = reader.columns[i].name;
        if (!is_used[i] && names.contains(AsciiLower(name))) name = kAside + std::to_string(i);
    }
    return file;
}

}  // namespace tarn::engine::duck
