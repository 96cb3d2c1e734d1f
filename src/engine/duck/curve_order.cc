#include "engine/duck/curve_order.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "duckdb/function/create_sort_key.hpp"
#include "engine/duck/types.h"
#include "table/schema_edit.h"
#include "upkeep/hilbert_curve.h"

namespace tarn::engine::duck {
namespace {

// More ranks than this tell no file from its neighbour.
constexpr int kMostBits = 12;
constexpr size_t kHeadBytes = sizeof(uint64_t);

uint64_t HeadOf(const char* bytes, size_t size) {
    uint64_t head = 0;
    std::memcpy(&head, bytes, std::min(size, kHeadBytes));
    if constexpr (std::endian::native == std::endian::little) head = __builtin_bswap64(head);
    return head;
}

bool HasOrder(const table::Type& type) {
    switch (type.kind()) {
        case table::TypeKind::kStruct:
        case table::TypeKind::kArray:
        case table::TypeKind::kMap:
        case table::TypeKind::kVariant:
            return false;
        default:
            return true;
    }
}

}  // namespace

std::vector<CurveColumn> FindCurveColumns(const table::Schema& schema,
                                          const std::vector<std::string>& names,
                                          const std::string& table) {
    std::vector<CurveColumn> columns;
    for (const std::string& name : names) {
        CurveColumn column;
        const table::Field* field = nullptr;
        const std::vector<table::Field>* fields = &schema.fields;
        for (const std::string& part : table::PathNamed(schema, name)) {
            const int at = table::FindField(*fields, part);
            if (at < 0) {
                throw Error(ErrorKind::kInvalidInput, "{} has no column {} to lay its rows along",
                            table, name);
            }
            field = &(*fields)[static_cast<size_t>(at)];
            column.path.push_back(static_cast<size_t>(at));
            fields = &field->type.children();
        }
        if (!HasOrder(field->type)) {
            throw Error(ErrorKind::kInvalidInput,
                        "{}: the column {} is of type {}, which has no order; name one of its "
                        "fields, or another column",
                        table, name, field->type.ToString());
        }
        column.type = ToLogicalType(field->type);
        columns.push_back(std::move(column));
    }
    return columns;
}

void ReadCurveColumn(const CurveColumn& curve, duckdb::DataChunk& rows, size_t column,
                     duckdb::Vector& values) {
    const duckdb::idx_t count = rows.size();
    duckdb::Vector* at = &rows.data[column];
    if (curve.path.size() > 1) at->Flatten(count);
    duckdb::ValidityMask valid(count);
    for (size_t depth = 1; depth < curve.path.size(); depth++) {
        at->Flatten(count);
        valid.Combine(duckdb::FlatVector::Validity(*at), count);
        at = duckdb::StructVector::GetEntries(*at)[curve.path[depth]].get();
    }
    values.Reference(*at);
    values.Flatten(count);
    if (curve.path.size() > 1) {
        duckdb::ValidityMask all(count);
        all.Combine(duckdb::FlatVector::Validity(values), count);
        all.Combine(valid, count);
        duckdb::FlatVector::SetValidity(values, all);
    }
}

void CurveOrder::SortKeysOf(duckdb::Vector& values, duckdb::idx_t count, duckdb::Vector& keys) {
    static const duckdb::OrderModifiers kOrder(duckdb::OrderType::ASCENDING,
                                               duckdb::OrderByNullType::NULLS_FIRST);
    duckdb::CreateSortKeyHelpers::CreateSortKey(values, count, kOrder, keys);
}

CurveOrder::CurveOrder(const std::vector<KeyRow>& sample, size_t dimensions)
    : bits_(std::min(kMostBits, upkeep::HilbertBits(dimensions))), ranks_(dimensions) {
    const size_t most = (size_t{1} << bits_) - 1;
    for (size_t i = 0; i < dimensions; i++) {
        std::vector<std::string> keys;
        for (const KeyRow& row : sample) keys.push_back(row[i]);
        std::sort(keys.begin(), keys.end());
        std::vector<std::string>& bounds = ranks_[i].keys;
        for (size_t bound = 1; bound <= most && !keys.empty(); bound++) {
            const std::string& key = keys[bound * (keys.size() - 1) / most];
            if (bounds.empty() || bounds.back() != key) bounds.push_back(key);
        }
        for (const std::string& key : bounds)
            ranks_[i].heads.push_back(HeadOf(key.data(), key.size()));
    }
    std::vector<uint32_t> ranks(dimensions);
    for (const KeyRow& row : sample) {
        for (size_t i = 0; i < dimensions; i++) {
            ranks[i] = ranks_[i].RankOf(
                duckdb::string_t(row[i].data(), static_cast<uint32_t>(row[i].size())));
        }
        places_.push_back(PlaceOf(ranks));
    }
    std::sort(places_.begin(), places_.end());
}

uint32_t CurveOrder::Ranks::RankOf(const duckdb::string_t& key) const {
    const uint64_t head = HeadOf(key.GetData(), key.GetSize());
    auto at =
        static_cast<size_t>(std::lower_bound(heads.begin(), heads.end(), head) - heads.begin());
    const std::string_view text(key.GetData(), key.GetSize());
    while (at < heads.size() && heads[at] == head && keys[at] <= text) at++;
    return static_cast<uint32_t>(at);
}

// Few distinct values are spread over all of their dimension.
uint64_t CurveOrder::PlaceOf(std::vector<uint32_t>& ranks) const {
    for (size_t i = 0; i < ranks.size(); i++) {
        const uint64_t all = ranks_[i].keys.size() + 1;
        ranks[i] = static_cast<uint32_t>((uint64_t{ranks[i]} << bits_) / all);
    }
    return upkeep::HilbertIndex(ranks, bits_);
}

void CurveOrder::PlacesOf(std::vector<duckdb::Vector>& values, duckdb::idx_t count,
                          duckdb::Vector& places) const {
    std::vector<duckdb::Vector> keys;
    std::vector<const duckdb::string_t*> texts;
    for (duckdb::Vector& column : values) {
        keys.emplace_back(duckdb::LogicalType::BLOB);
        SortKeysOf(column, count, keys.back());
        keys.back().Flatten(count);
        texts.push_back(duckdb::FlatVector::GetData<duckdb::string_t>(keys.back()));
    }
    auto* const to = duckdb::FlatVector::GetData<uint64_t>(places);
    std::vector<uint32_t> ranks(values.size());
    for (duckdb::idx_t row = 0; row < count; row++) {
        for (size_t i = 0; i < ranks.size(); i++) ranks[i] = ranks_[i].RankOf(texts[i][row]);
        to[row] = PlaceOf(ranks);
    }
}

std::vector<uint64_t> CurveOrder::CutsFor(size_t pieces) const {
    std::vector<uint64_t> cuts;
    for (size_t piece = 1; piece < pieces; piece++)
        cuts.push_back(places_.empty() ? 0 : places_[piece * places_.size() / pieces]);
    return cuts;
}

}  // namespace tarn::engine::duck
