#include "pipeline/latest_batch.h"

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr std::string_view kRepeated = "tarn_repeated";  // keys with several changes
constexpr std::string_view kKeys = "tarn_latest_keys";   // where the latest of each of them stand
constexpr std::string_view kTied = "tarn_latest_tied";   // the changes there
constexpr std::string_view kLatest = "tarn_latest_rows";

}  // namespace

std::vector<std::string_view> LatestBatch::Temporaries() {
    return {kRepeated, kKeys, kTied, kLatest};
}

std::string LatestBatch::TieOf(std::string_view prefix) const {
    if (kept_.empty()) return Tie(scene_.layout.values, prefix);
    std::vector<std::string> kept;
    for (const engine::ColumnInfo& value : scene_.layout.values) {
        const std::string name = std::string(prefix) + sql::QuoteIdentifier(value.name);
        const engine::ColumnInfo* column = FindColumn(kept_, value.name);
        const bool is_same = column == nullptr || column->type == value.type;
        kept.push_back(is_same ? name : fmt::format("TRY_CAST({} AS {})", name, column->type));
    }
    return TieOfValues(kept);
}

// Most keys of most batches stand in it once: those need no look-up of their own change.
void LatestBatch::Prepare() {
    const std::string keys = Listed(scene_.layout.keys);
    scene_.Make(kRepeated, fmt::format("SELECT {0} FROM {1} GROUP BY {0} HAVING count(*) > 1", keys,
                                       scene_.Events()));
    if (CountRows(scene_.session, kRepeated) == 0) {
        rows_ = "(" + OfSingle() + ")";
        return;
    }
    MakeOfRepeated();
    rows_ = kLatest;
}

std::string LatestBatch::OfSingle() const {
    const ChangeLayout& layout = scene_.layout;
    return fmt::format(
        "SELECT {}, CASE WHEN NOT __is_delete THEN __sequence END AS __upsert, CASE WHEN "
        "__is_delete THEN __sequence END AS __delete FROM {}",
        Listed(Together(layout.keys, layout.values)), scene_.Events());
}

void LatestBatch::MakeOfRepeated() {
    const ChangeLayout& layout = scene_.layout;
    const std::string keys = Listed(layout.keys);
    scene_.Make(
        kKeys,
        fmt::format("SELECT {0}, max(__sequence) FILTER (WHERE NOT __is_delete) AS __upsert, "
                    "max(__sequence) FILTER (WHERE __is_delete) AS __delete FROM ({1}) GROUP BY "
                    "{0}",
                    keys, RowsByKey(layout.keys, scene_.Events(), "SEMI", kRepeated)));
    const std::string values = layout.values.empty() ? "" : Listed(layout.values, "e.") + ", ";
    scene_.Make(
        kTied,
        fmt::format("SELECT {}, {}k.__upsert, k.__delete, {} AS __tie FROM {} k LEFT JOIN (SELECT "
                    "* FROM {} WHERE NOT __is_delete) e ON {} AND e.__sequence = k.__upsert",
                    Listed(layout.keys, "k."), values, TieOf("e."), kKeys, scene_.Events(),
                    AreEqual(layout.keys, "k", "e")));
    const std::string single = RowsByKey(layout.keys, "(" + OfSingle() + ")", "ANTI", kRepeated);
    scene_.Make(
        kLatest,
        fmt::format("{} UNION ALL SELECT * EXCLUDE (__tie) FROM {} QUALIFY row_number() OVER "
                    "(PARTITION BY {} ORDER BY __tie DESC) = 1",
                    single, kTied, keys));
}

}  // namespace tarn::pipeline
