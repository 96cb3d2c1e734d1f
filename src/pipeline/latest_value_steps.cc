// The memory: keys, `__upsert` and `__delete`, the latest of each, and for each column the latest
// value that a change had for it, as a struct of sequence and value. Of each only the greatest
// counts. A row is shown when its `__upsert` is greater than `__delete` and than the latest
// truncate; a column whose value is older than those is NULL, as the row began anew behind them
// (but where deleted rows stay).
#include "base/text.h"
#include "pipeline/change_steps.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr std::string_view kLatest = "tarn_latest";
constexpr std::string_view kMerged = "tarn_merged";

class LatestValues final : public ChangeSteps {
public:
    explicit LatestValues(const ChangeScene& scene)
        : scene_(scene),
          keys_(scene.layout.keys),
          values_(scene.layout.values),
          marks_(scene.Marks()),
          shown_(Together(scene.layout.columns, marks_)),
          changing_(Together(values_, marks_)) {}

    void Prepare() override {
        scene_.Make(kLatest, Reduced());
        std::string both = fmt::format("FROM {}", kLatest);
        if (!scene_.anew) {
            both = fmt::format(
                "SELECT {0} FROM {1} UNION ALL SELECT {0} FROM {2} m WHERE EXISTS (FROM {1} l "
                "WHERE {3})",
                Remembered(), kLatest, scene_.memory, AreEqual(keys_, "l", "m"));
        }
        scene_.Make(kMerged,
                    fmt::format("SELECT {}, max(__upsert) AS __upsert, "
                                "max(__delete) AS __delete{} FROM ({}) GROUP BY {}",
                                Listed(keys_), Cells("max({0}) AS {0}"), both, Listed(keys_)));
    }

    std::vector<std::string_view> Temporaries() const override { return {kLatest, kMerged}; }

    std::string MemorySelect() override {
        std::string rows = fmt::format("SELECT {} FROM {}", Remembered(), kMerged);
        if (scene_.has_truncates) {
            rows +=
                fmt::format(" UNION ALL SELECT {}, NULL::{}, __delete{} FROM ({})", Listed(keys_),
                            scene_.order_type, Cells("NULL"), scene_.TruncateRow("__delete"));
        }
        return rows;
    }

    std::string MemoryMerge() override {
        return fmt::format(
            "MERGE INTO {} AS old USING ({}) AS new ON {} WHEN MATCHED AND (old.__upsert IS "
            "DISTINCT FROM new.__upsert OR old.__delete IS DISTINCT FROM new.__delete OR {}) THEN "
            "UPDATE SET __upsert = new.__upsert, __delete = new.__delete{} WHEN NOT MATCHED THEN "
            "INSERT ({}) VALUES ({}, new.__upsert, new.__delete{})",
            scene_.memory, MemorySelect(), AreEqual(keys_, "old", "new"),
            Differ(values_, "old", "new"), Cells("{0} = new.{0}"), Remembered(),
            Listed(keys_, "new."), Cells("new.{0}"));
    }

    std::string TargetSelect() override {
        return fmt::format("SELECT {} FROM ({}) WHERE __op = 'U'", Listed(shown_), Rows());
    }

    std::string TargetMerge() override {
        std::string text = fmt::format(
            "MERGE INTO {} AS old USING ({}) AS new ON {} WHEN MATCHED AND new.__op = "
            "'D' THEN DELETE",
            scene_.target, Rows(), AreEqual(keys_, "old", "new"));
        if (!changing_.empty()) {
            text += fmt::format(" WHEN MATCHED AND {} THEN UPDATE SET {}",
                                Differ(changing_, "old", "new"), Assigned(changing_, "new"));
        }
        return text +
               fmt::format(" WHEN NOT MATCHED AND new.__op = 'U' THEN INSERT ({}) VALUES ({})",
                           Listed(shown_), Listed(shown_, "new."));
    }

private:
    // ", " and the pattern for each value's column.
    std::string Cells(const std::string& pattern) const {
        std::string text;
        for (const engine::ColumnInfo& value : values_)
            text += ", " + fmt::format(fmt::runtime(pattern), sql::QuoteIdentifier(value.name));
        return text;
    }

    std::string Remembered() const { return Listed(keys_) + ", __upsert, __delete" + Cells("{}"); }

    // One row a key of the batch.
    std::string Reduced() const {
        std::string cells;
        for (const engine::ColumnInfo& value : values_) {
            cells += fmt::format(
                ", max(struct_pack(s := __sequence, v := {0})) FILTER (WHERE NOT __is_delete AND "
                "NOT list_contains(__absent, {1})) AS {0}",
                sql::QuoteIdentifier(value.name), sql::QuoteLiteral(value.name));
        }
        return fmt::format(
            "SELECT {0}, max(__sequence) FILTER (WHERE NOT __is_delete) AS __upsert, "
            "max(__sequence) FILTER (WHERE __is_delete) AS __delete{1} FROM {2} GROUP BY {0}",
            Listed(keys_), cells, scene_.Events());
    }

    // What becomes of each row that the batch touches, __op: U it is as this says, D it goes.
    std::string Rows() const {
        std::string known = "SELECT " + Remembered() + " FROM " + std::string(kMerged);
        if (scene_.has_truncates) {
            known += fmt::format(
                " UNION ALL SELECT {} FROM {} m, ({}) t WHERE m.{} IS NOT NULL AND m.__upsert <= "
                "t.__truncated AND NOT EXISTS (FROM {} l WHERE {})",
                Remembered(), scene_.memory, scene_.TruncatedSelect(),
                sql::QuoteIdentifier(keys_[0].name), kMerged, AreEqual(keys_, "l", "m"));
        }
        const std::string floored = fmt::format("SELECT k.*, {} AS __floor FROM ({}) k{}",
                                                scene_.Floor("k"), known, scene_.FromTruncated());
        const std::string lives = "(__floor IS NULL OR __upsert > __floor)";
        std::string columns;
        for (const engine::ColumnInfo& column : scene_.layout.columns)
            columns += ColumnOf(column) + ", ";
        const std::string op = marks_.empty()
                                   ? fmt::format(
                                         "CASE WHEN __upsert IS NOT NULL AND {} THEN 'U' ELSE 'D' "
                                         "END",
                                         lives)
                                   : "'U'";
        if (!marks_.empty()) {
            columns += fmt::format(
                "NOT {0} AS is_deleted, CASE WHEN NOT {0} THEN __floor END AS deleted_at, ", lives);
        }
        return fmt::format("SELECT {}{} AS __op FROM ({}){}", columns, op, floored,
                           marks_.empty() ? "" : " WHERE __upsert IS NOT NULL");
    }

    std::string ColumnOf(const engine::ColumnInfo& column) const {
        const std::string name = sql::QuoteIdentifier(column.name);
        if (FindColumn(keys_, column.name) != nullptr) return name;
        // A row that is only marked as deleted is there, with its values.
        if (!marks_.empty()) return fmt::format("{0}.v AS {0}", name);
        return fmt::format("CASE WHEN __floor IS NULL OR {0}.s > __floor THEN {0}.v END AS {0}",
                           name);
    }

    const ChangeScene& scene_;
    const Columns& keys_;
    const Columns& values_;
    Columns marks_;     // of soft deletes
    Columns shown_;     // all of the target
    Columns changing_;  // all of the target but its keys
};

}  // namespace

std::unique_ptr<ChangeSteps> LatestValueSteps(const ChangeScene& scene) {
    return std::make_unique<LatestValues>(scene);
}

}  // namespace tarn::pipeline
