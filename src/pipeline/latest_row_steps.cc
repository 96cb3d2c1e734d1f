// The memory: keys, `__upsert` and `__tie` of the latest change that gave the row values,
// `__delete` of the latest delete. Of each only the greatest counts, so that order and batching of
// the changes make no difference. A row is shown when its `__upsert` is greater than `__delete` and
// than the latest truncate, which stands in the memory with NULLs for keys.
#include "base/text.h"
#include "pipeline/change_steps.h"
#include "pipeline/latest_batch.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

class LatestRows final : public ChangeSteps {
public:
    explicit LatestRows(const ChangeScene& scene)
        : scene_(scene),
          latest_(scene),
          keys_(scene.layout.keys),
          values_(scene.layout.values),
          marks_(scene.Marks()),
          shown_(Together(scene.layout.columns, marks_)),
          changing_(Together(values_, marks_)) {}

    void Prepare() override { latest_.Prepare(); }

    std::vector<std::string_view> Temporaries() const override {
        return LatestBatch::Temporaries();
    }

    std::string MemorySelect() override {
        std::string rows = fmt::format("SELECT {}, __upsert, {} AS __tie, __delete FROM {}",
                                       Listed(keys_), latest_.TieOf(""), latest_.Rows());
        if (scene_.has_truncates) {
            rows += fmt::format(" UNION ALL SELECT {}, NULL::{}, NULL::BIGINT, __delete FROM ({})",
                                Listed(keys_), scene_.order_type, scene_.TruncateRow("__delete"));
        }
        return rows;
    }

    std::string MemoryMerge() override {
        const std::string is_later =
            "(new.__upsert IS NOT NULL AND (old.__upsert IS NULL OR new.__upsert > old.__upsert OR "
            "(new.__upsert = old.__upsert AND new.__tie > old.__tie)))";
        const std::string is_later_delete =
            "(new.__delete IS NOT NULL AND (old.__delete IS NULL OR new.__delete > old.__delete))";
        return fmt::format(
            "MERGE INTO {0} AS old USING ({1}) AS new ON {2} WHEN MATCHED AND ({3} OR {4}) THEN "
            "UPDATE SET __upsert = CASE WHEN {3} THEN new.__upsert ELSE old.__upsert END, __tie = "
            "CASE WHEN {3} THEN new.__tie ELSE old.__tie END, __delete = CASE WHEN {4} THEN "
            "new.__delete ELSE old.__delete END WHEN NOT MATCHED THEN INSERT ({5}, __upsert, "
            "__tie, __delete) VALUES ({6}, new.__upsert, new.__tie, new.__delete)",
            scene_.memory, MemorySelect(), AreEqual(keys_, "old", "new"), is_later, is_later_delete,
            Listed(keys_), Listed(keys_, "new."));
    }

    std::string TargetSelect() override {
        return fmt::format("SELECT {} FROM ({}) WHERE __op = 'U'", Listed(shown_), Rows());
    }

    std::string TargetMerge() override {
        std::string text = fmt::format("MERGE INTO {} AS old USING ({}) AS new ON {}",
                                       scene_.target, Rows(), AreEqual(keys_, "old", "new"));
        text += marks_.empty()
                    ? " WHEN MATCHED AND new.__op = 'D' THEN DELETE"
                    : fmt::format(" WHEN MATCHED AND new.__op = 'M' AND {} THEN UPDATE SET {}",
                                  Differ(marks_, "old", "new"), Assigned(marks_, "new"));
        if (!changing_.empty()) {
            text += fmt::format(" WHEN MATCHED AND new.__op = 'U' AND {} THEN UPDATE SET {}",
                                Differ(changing_, "old", "new"), Assigned(changing_, "new"));
        }
        return text +
               fmt::format(" WHEN NOT MATCHED AND new.__op = 'U' THEN INSERT ({}) VALUES ({})",
                           Listed(shown_), Listed(shown_, "new."));
    }

private:
    // What becomes of each row of the batch, __op: U it is as this says, D it goes, M it is only
    // marked as deleted.
    std::string Rows() const {
        const std::string floor = scene_.Floor("m");
        const std::string from_truncated = scene_.FromTruncated();
        std::string judged = fmt::format(
            "SELECT {}, (l.__upsert = m.__upsert AND {} = m.__tie) IS TRUE AS __counts, "
            "m.__upsert AS __known, {} AS __floor FROM {} l, {} m{} WHERE {}",
            Listed(scene_.layout.columns, "l."), latest_.TieOf("l."), floor, latest_.Rows(),
            scene_.memory, from_truncated, AreEqual(keys_, "l", "m"));
        if (scene_.has_truncates) judged += " UNION ALL " + Truncated(floor, from_truncated);
        const std::string lives = "(__floor IS NULL OR __known > __floor)";
        const std::string op =
            marks_.empty()
                ? fmt::format(
                      "CASE WHEN __known IS NULL OR NOT {} THEN 'D' WHEN __counts THEN "
                      "'U' END",
                      lives)
                : fmt::format(
                      "CASE WHEN __known IS NULL THEN NULL WHEN __counts THEN 'U' WHEN NOT "
                      "{} THEN 'M' END",
                      lives);
        const std::string marks =
            marks_.empty() ? ""
                           : fmt::format(
                                 ", NOT {0} AS is_deleted, CASE WHEN NOT {0} THEN __floor "
                                 "END AS deleted_at",
                                 lives);
        return fmt::format("SELECT {}{}, {} AS __op FROM ({}) WHERE ({}) IS NOT NULL",
                           Listed(scene_.layout.columns), marks, op, judged, op);
    }

    // Rows that the batch only tells of by emptying the table.
    std::string Truncated(const std::string& floor, const std::string& from_truncated) const {
        return fmt::format(
            "SELECT {}, FALSE AS __counts, m.__upsert AS __known, {} AS __floor FROM {} m{} WHERE "
            "m.{} IS NOT NULL AND m.__upsert <= t.__truncated AND NOT EXISTS (FROM {} l WHERE {})",
            KeysAlone(scene_.layout, "m."), floor, scene_.memory, from_truncated,
            sql::QuoteIdentifier(keys_[0].name), latest_.Rows(), AreEqual(keys_, "l", "m"));
    }

    const ChangeScene& scene_;
    LatestBatch latest_;
    const Columns& keys_;
    const Columns& values_;
    Columns marks_;     // of soft deletes
    Columns shown_;     // all of the target
    Columns changing_;  // all of the target but its keys
};

}  // namespace

std::unique_ptr<ChangeSteps> LatestRowSteps(const ChangeScene& scene) {
    return std::make_unique<LatestRows>(scene);
}

}  // namespace tarn::pipeline
