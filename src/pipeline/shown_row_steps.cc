// A row of the target tells itself what ordered the change that made it, so that the memory has
// only what the target cannot show: keys and `__delete`, the latest delete of each, and the latest
// truncate, which stands with NULLs for keys. A row is there when its own place in the order is
// behind both; a change counts when its place is behind that of the row which it meets.
#include "base/text.h"
#include "pipeline/change_steps.h"
#include "pipeline/latest_batch.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

// Is a row that the batch brings only there to be marked as deleted, and since when.
constexpr std::string_view kIsGone = "coalesce(new.__floor >= new.__upsert, FALSE)";
constexpr std::string_view kGoneAt = "CASE WHEN new.__floor >= new.__upsert THEN new.__floor END";

class ShownRows final : public ChangeSteps {
public:
    explicit ShownRows(const ChangeScene& scene)
        : scene_(scene),
          latest_(scene, scene.kept),
          keys_(scene.layout.keys),
          values_(scene.layout.values),
          marks_(scene.Marks()),
          shown_(Together(scene.layout.columns, marks_)) {}

    void Prepare() override { latest_.Prepare(); }

    std::vector<std::string_view> Temporaries() const override {
        return LatestBatch::Temporaries();
    }

    std::string MemorySelect() override {
        std::string rows = fmt::format("SELECT {}, __delete FROM {} WHERE __delete IS NOT NULL",
                                       Listed(keys_), latest_.Rows());
        if (scene_.has_truncates) {
            rows += fmt::format(" UNION ALL SELECT {}, __delete FROM ({})", Listed(keys_),
                                scene_.TruncateRow("__delete"));
        }
        return rows;
    }

    std::string MemoryMerge() override {
        return fmt::format(
            "MERGE INTO {} AS old USING ({}) AS new ON {} WHEN MATCHED AND new.__delete > "
            "old.__delete THEN UPDATE SET __delete = new.__delete WHEN NOT MATCHED THEN INSERT "
            "({}, __delete) VALUES ({}, new.__delete)",
            scene_.memory, MemorySelect(), AreEqual(keys_, "old", "new"), Listed(keys_),
            Listed(keys_, "new."));
    }

    std::string TargetSelect() override {
        std::string marks;
        if (!marks_.empty()) {
            marks = fmt::format(", {} AS is_deleted, {} AS deleted_at", kIsGone, kGoneAt);
        }
        return fmt::format("SELECT {}{} FROM ({}) AS new WHERE {}",
                           Listed(scene_.layout.columns, "new."), marks, Rows(), IsBrought());
    }

    std::string TargetMerge() override {
        return fmt::format("MERGE INTO {} AS old USING ({}) AS new ON {}", scene_.target, Rows(),
                           AreEqual(keys_, "old", "new")) +
               WhenChanged() + WhenGone() + WhenNew();
    }

private:
    // Does the batch bring a row that is to be seen; one that is only marked as deleted stays.
    std::string IsBrought() const {
        return marks_.empty() ? "new.__upsert IS NOT NULL AND (new.__floor IS NULL OR "
                                "new.__upsert > new.__floor)"
                              : "new.__upsert IS NOT NULL";
    }

    std::string PlaceOfOld() const { return OrderOf(scene_.layout.order_parts, "old."); }

    std::string WhenChanged() const {
        if (values_.empty()) return "";
        // By CASE, as the ties are dear and asked for hardly ever.
        std::string text = fmt::format(
            " WHEN MATCHED AND CASE WHEN NOT ({0}) THEN FALSE WHEN new.__upsert > {1} THEN TRUE "
            "WHEN new.__upsert = {1} THEN {2} > {3} END THEN UPDATE SET {4}",
            IsBrought(), PlaceOfOld(), latest_.TieOf("new."), Tie(values_, "old."),
            Assigned(values_, "new"));
        if (!marks_.empty()) {
            text += fmt::format(", is_deleted = {}, deleted_at = {}", kIsGone, kGoneAt);
        }
        return text;
    }

    std::string WhenGone() const {
        const std::string is_gone = " WHEN MATCHED AND new.__floor >= " + PlaceOfOld();
        if (marks_.empty()) return is_gone + " THEN DELETE";
        return is_gone +
               " AND (NOT old.is_deleted OR old.deleted_at IS DISTINCT FROM new.__floor) THEN "
               "UPDATE SET is_deleted = TRUE, deleted_at = new.__floor";
    }

    std::string WhenNew() const {
        const std::string marks = marks_.empty() ? "" : fmt::format(", {}, {}", kIsGone, kGoneAt);
        return fmt::format(" WHEN NOT MATCHED AND {} THEN INSERT ({}) VALUES ({}{})", IsBrought(),
                           Listed(shown_), Listed(scene_.layout.columns, "new."), marks);
    }

    // The latest change of each key of the batch with `__floor`, what a row must be behind; the
    // memory has learned of the batch. Rows that the batch only tells of by emptying the table have
    // no `__upsert`.
    std::string Rows() const {
        const Columns& columns = scene_.layout.columns;
        std::string rows =
            fmt::format("SELECT {}, l.__upsert, {} AS __floor FROM {} l LEFT JOIN {} m ON {}{}",
                        Listed(columns, "l."), scene_.Floor("m"), latest_.Rows(), scene_.memory,
                        AreEqual(keys_, "l", "m"), scene_.FromTruncated());
        if (!scene_.has_truncates || scene_.anew) return rows;
        return rows + fmt::format(
                          " UNION ALL SELECT {}, NULL, {} FROM {} o LEFT JOIN {} m ON {}{} "
                          "WHERE {} <= t.__truncated AND NOT EXISTS (FROM {} l WHERE {})",
                          Listed(columns, "o."), scene_.Floor("m"), scene_.target, scene_.memory,
                          AreEqual(keys_, "o", "m"), scene_.FromTruncated(),
                          OrderOf(scene_.layout.order_parts, "o."), latest_.Rows(),
                          AreEqual(keys_, "l", "o"));
    }

    const ChangeScene& scene_;
    LatestBatch latest_;
    const Columns& keys_;
    const Columns& values_;
    Columns marks_;  // of soft deletes
    Columns shown_;  // all of the target
};

}  // namespace

std::unique_ptr<ChangeSteps> ShownRowSteps(const ChangeScene& scene) {
    return std::make_unique<ShownRows>(scene);
}

}  // namespace tarn::pipeline
