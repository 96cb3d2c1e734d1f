// Each version is a row with `__START_AT`, the sequence of the change that began it, and
// `__END_AT`, that of the next version or delete; NULL: it holds. The memory has the changes that
// the target does not show by a version of their own: deletes, changes without a difference to the
// one before, and truncates, which stand with NULLs for keys. Where versions join what several
// changes say, it has all changes.
// A batch touches the versions of its keys from the one on that holds at the batch's first change;
// they are made anew of all changes from there. Changes that stand alone behind all that is known
// of their keys, as most do, need none of that (SingleChanges).
#include "base/text.h"
#include "pipeline/change_steps.h"
#include "pipeline/single_changes.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr std::string_view kTruncates = "tarn_truncates";  // where tables were emptied
constexpr std::string_view kSpans = "tarn_spans";          // keys, from where on they are made anew
constexpr std::string_view kChanges = "tarn_changes";      // all changes from there, one a sequence
constexpr std::string_view kMarked = "tarn_marked";        // what each of them amounts to
constexpr std::string_view kVersions = "tarn_versions";    // the new versions

class RowVersions final : public ChangeSteps {
public:
    explicit RowVersions(const ChangeScene& scene)
        : scene_(scene),
          single_(scene),
          keys_(scene.layout.keys),
          joins_(scene.layout.JoinsChanges(scene.rules)),
          is_partial_(HasPartialChanges(scene.rules)),
          told_(scene.layout.values),
          shown_(scene.layout.columns),
          changing_(scene.layout.values) {
        told_.push_back({"__sequence", scene.order_type});
        told_.push_back({"__is_delete", "BOOLEAN"});
        if (is_partial_) told_.push_back({"__absent", "VARCHAR[]"});
        shown_.push_back({"__START_AT", scene.order_type});
        shown_.push_back({"__END_AT", scene.order_type});
        changing_.push_back({"__END_AT", scene.order_type});
    }

    void Prepare() override {
        if (scene_.MayTruncate()) scene_.Make(kTruncates, Truncates());
        scene_.Make(kTouched, Touched());
        if (!scene_.anew) {
            scene_.Make(
                kPulled,
                fmt::format("SELECT r.* FROM {} r JOIN {} m ON {}{}", scene_.target, kTouched,
                            AreEqual(keys_, "r", "m"),
                            joins_ ? "" : " AND (r.__END_AT IS NULL OR r.__END_AT >= m.__first)"));
        }
        divides_ = !joins_ && (!scene_.MayTruncate() || CountRows(scene_.session, kTruncates) == 0);
        if (divides_) {
            single_.Prepare();
            if (!single_.HasOthers()) return;
            events_ = single_.OfOthers(events_);
            touched_ = single_.OfOthers(touched_);
            pulled_ = single_.OfOthers(pulled_);
        }
        scene_.Make(kSpans, Spans());
        scene_.Make(kChanges, OneEach());
        scene_.Make(kMarked, Marked());
        scene_.Make(kVersions, joins_ ? JoinedVersions() : PlainVersions());
    }

    std::vector<std::string_view> Temporaries() const override {
        std::vector<std::string_view> names = SingleChanges::Temporaries();
        names.insert(names.end(),
                     {kTruncates, kTouched, kPulled, kSpans, kChanges, kMarked, kVersions});
        return names;
    }

    std::string MemorySelect() override {
        std::vector<std::string> parts;
        if (divides_) parts.push_back(single_.Unshown());
        if (HasHistories()) {
            parts.push_back(fmt::format("SELECT {}, {} FROM {} WHERE NOT __is_known{}",
                                        Listed(keys_), Listed(told_), kMarked,
                                        joins_ ? "" : " AND NOT __is_new"));
        }
        std::string rows = Join(parts, " UNION ALL ");
        if (scene_.has_truncates) {
            std::string nulls = Nulls(scene_.layout.values);
            if (!nulls.empty()) nulls += ", ";
            rows += fmt::format(
                " UNION ALL SELECT {}, {}__sequence, TRUE AS __is_delete{} FROM {} WHERE "
                "__is_truncate",
                Nulls(keys_), nulls, is_partial_ ? ", NULL AS __absent" : "", kEvents);
        }
        return rows;
    }

    std::string MemoryMerge() override {
        return fmt::format(
            "MERGE INTO {} AS old USING ({}) AS new ON {} AND old.__sequence = new.__sequence WHEN "
            "MATCHED THEN UPDATE SET {} WHEN NOT MATCHED THEN INSERT ({}, {}) VALUES ({}, {})",
            scene_.memory, MemorySelect(), AreEqual(keys_, "old", "new"), Assigned(told_, "new"),
            Listed(keys_), Listed(told_), Listed(keys_, "new."), Listed(told_, "new."));
    }

    std::string TargetSelect() override {
        std::vector<std::string> parts;
        if (divides_) parts.push_back(single_.Begun());
        if (HasHistories())
            parts.push_back(fmt::format("SELECT {} FROM {}", Listed(shown_), kVersions));
        return Join(parts, " UNION ALL ");
    }

    std::string TargetMerge() override {
        std::vector<std::string> parts;
        const auto add = [&](std::string_view op, const std::string& select) {
            parts.push_back(fmt::format("SELECT *, '{}' AS __op FROM ({})", op, select));
        };
        if (divides_) {
            add("U", single_.Begun());
            if (!scene_.anew) add("E", single_.Ended());
        }
        if (HasHistories()) {
            add("U", fmt::format("SELECT {} FROM {}", Listed(shown_), kVersions));
            if (!scene_.anew) add("D", Gone());
        }
        return fmt::format(
            "MERGE INTO {} AS old USING ({}) AS new ON {} AND old.__START_AT = new.__START_AT WHEN "
            "MATCHED AND new.__op = 'D' THEN DELETE WHEN MATCHED AND new.__op = 'E' THEN UPDATE "
            "SET __END_AT = new.__END_AT WHEN MATCHED AND {} THEN UPDATE SET {} WHEN NOT MATCHED "
            "AND new.__op = 'U' THEN INSERT ({}) VALUES ({})",
            scene_.target, Join(parts, " UNION ALL "), AreEqual(keys_, "old", "new"),
            Differ(changing_, "old", "new"), Assigned(changing_, "new"), Listed(shown_),
            Listed(shown_, "new."));
    }

private:
    // Are there changes whose keys have to be seen with their history.
    bool HasHistories() const { return !divides_ || single_.HasOthers(); }

    // Versions that no longer are.
    std::string Gone() const {
        return fmt::format(
            "SELECT {} FROM {} p WHERE NOT EXISTS (FROM {} v WHERE {} AND v.__START_AT = "
            "p.__START_AT)",
            Listed(shown_, "p."), pulled_, kVersions, AreEqual(keys_, "v", "p"));
    }

    std::string Truncates() const {
        std::string all = fmt::format("SELECT __sequence FROM {} WHERE __is_truncate", kEvents);
        if (!scene_.anew) {
            all += fmt::format(" UNION ALL SELECT __sequence FROM {} WHERE {} IS NULL",
                               scene_.memory, sql::QuoteIdentifier(keys_[0].name));
        }
        return "SELECT DISTINCT __sequence FROM (" + all + ")";
    }

    std::string Touched() const {
        std::string rows =
            fmt::format("SELECT {}, __sequence FROM {}", Listed(keys_), scene_.Events());
        if (scene_.has_truncates && !scene_.anew) {
            rows += fmt::format(
                " UNION ALL SELECT {}, e.__sequence FROM {} r, {} e WHERE e.__is_truncate AND "
                "r.__START_AT <= e.__sequence AND (r.__END_AT IS NULL OR r.__END_AT > "
                "e.__sequence)",
                Listed(keys_, "r."), scene_.target, kEvents);
        }
        return fmt::format(
            "SELECT {0}, min(__sequence) AS __first, count(*) > 1 AS __is_repeated FROM ({1}) "
            "GROUP BY {0}",
            Listed(keys_), rows);
    }

    std::string Spans() const {
        if (scene_.anew)
            return fmt::format("SELECT {}, __first AS __from FROM {} m", Listed(keys_), touched_);
        return fmt::format(
            "SELECT {0}, CASE WHEN p.__begin < m.__first THEN p.__begin ELSE m.__first END AS "
            "__from FROM {1} m LEFT JOIN (SELECT {2}, min(__START_AT) AS __begin FROM {3} GROUP BY "
            "{2}) p ON {4}",
            Listed(keys_, "m."), touched_, Listed(keys_), pulled_, AreEqual(keys_, "m", "p"));
    }

    // Of the batch, of the memory, of the versions, and truncates for each key. __is_known: the
    // memory has it.
    std::string AllChanges() const {
        std::string rows = fmt::format("SELECT {}, {}, FALSE AS __is_known FROM {} e",
                                       Listed(keys_), Listed(told_), events_);
        if (!scene_.anew) {
            rows += fmt::format(" UNION ALL SELECT {}, {}, TRUE FROM {} h JOIN {} s ON {}{}",
                                Listed(keys_, "h."), Listed(told_, "h."), scene_.memory, kSpans,
                                AreEqual(keys_, "h", "s"),
                                joins_ ? "" : " AND h.__sequence >= s.__from");
        }
        if (!scene_.anew && !joins_) {
            Columns told = scene_.layout.values;
            told.push_back({"__START_AT", scene_.order_type});
            rows += fmt::format(" UNION ALL SELECT {}, {}, FALSE, FALSE FROM {} p",
                                Listed(keys_, "p."), Listed(told, "p."), pulled_);
        }
        if (scene_.MayTruncate()) {
            std::string nulls = Nulls(scene_.layout.values);
            if (!nulls.empty()) nulls += ", ";
            rows +=
                fmt::format(" UNION ALL SELECT {}, {}t.__sequence, TRUE{}, TRUE FROM {} s, {} t{}",
                            Listed(keys_, "s."), nulls, is_partial_ ? ", NULL" : "", kSpans,
                            kTruncates, joins_ ? "" : " WHERE t.__sequence >= s.__from");
        }
        return rows;
    }

    // Of several changes at one sequence a delete counts, else the one with the greatest tie.
    std::string OneEach() const {
        Columns all = scene_.layout.values;
        if (is_partial_) all.push_back({"__absent", "VARCHAR[]"});
        return fmt::format(
            "SELECT * FROM ({}) QUALIFY row_number() OVER (PARTITION BY {}, __sequence ORDER BY "
            "__is_delete DESC, {} DESC, __is_known DESC) = 1",
            AllChanges(), Listed(keys_), Tie(all));
    }

    std::string ByKey() const { return "PARTITION BY " + Listed(keys_) + " ORDER BY __sequence"; }

    // What a version shows of a value: where changes are partial, the last that there was.
    std::string Shown(const engine::ColumnInfo& value) const {
        return sql::QuoteIdentifier((is_partial_ ? "__shown_" : "") + value.name);
    }

    // With the values that partial changes leave as they were since the last delete.
    std::string Filled() const {
        std::string filled;
        for (const engine::ColumnInfo& value : scene_.layout.values) {
            filled += fmt::format(
                ", last_value(CASE WHEN NOT __is_delete AND NOT list_contains(__absent, {}) THEN "
                "struct_pack(v := {}) END IGNORE NULLS) OVER (PARTITION BY {}, __segment ORDER BY "
                "__sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW).v AS {}",
                sql::QuoteLiteral(value.name), sql::QuoteIdentifier(value.name), Listed(keys_),
                Shown(value));
        }
        return fmt::format(
            "SELECT *{} FROM (SELECT *, count(*) FILTER (WHERE __is_delete) OVER ({} ROWS BETWEEN "
            "UNBOUNDED PRECEDING AND CURRENT ROW) AS __segment FROM {})",
            filled, ByKey(), kChanges);
    }

    std::string Marked() const {
        std::string differs;
        for (const engine::ColumnInfo& value : scene_.layout.tracked)
            differs += fmt::format(" OR {0} IS DISTINCT FROM lag({0}) OVER w", Shown(value));
        return fmt::format(
            "SELECT *, NOT __is_delete AND (lag(__is_delete) OVER w IS NOT FALSE{}) AS __is_new "
            "FROM {} WINDOW w AS ({})",
            differs, is_partial_ ? "(" + Filled() + ")" : std::string(kChanges), ByKey());
    }

    std::string PlainVersions() const {
        return fmt::format(
            "SELECT * EXCLUDE (__sequence), __sequence AS __START_AT FROM (SELECT *, "
            "lead(__sequence) OVER ({}) AS __END_AT FROM {} WHERE __is_new OR __is_delete) WHERE "
            "__is_new",
            ByKey(), kMarked);
    }

    // A version shows what its last change said.
    std::string JoinedVersions() const {
        std::string values;
        for (const engine::ColumnInfo& value : scene_.layout.values)
            values += fmt::format("{} AS {}, ", Shown(value), sql::QuoteIdentifier(value.name));
        const std::string numbered = fmt::format(
            "SELECT *, count(*) FILTER (WHERE __is_new OR __is_delete) OVER ({} ROWS BETWEEN "
            "UNBOUNDED PRECEDING AND CURRENT ROW) AS __version FROM {}",
            ByKey(), kMarked);
        const std::string last = fmt::format(
            "SELECT *, min(__sequence) OVER (PARTITION BY {0}, __version) AS __START_AT FROM ({1}) "
            "QUALIFY row_number() OVER (PARTITION BY {0}, __version ORDER BY __sequence DESC) = 1",
            Listed(keys_), numbered);
        return fmt::format(
            "SELECT {0}, {1}__START_AT, __END_AT FROM (SELECT *, lead(__START_AT) OVER (PARTITION "
            "BY {0} ORDER BY __START_AT) AS __END_AT FROM ({2})) WHERE NOT __is_delete",
            Listed(keys_), values, last);
    }

    const ChangeScene& scene_;
    SingleChanges single_;
    bool divides_ = false;  // changes that stand alone go their own way
    std::string events_ = scene_.Events();
    std::string touched_ = std::string(kTouched);
    std::string pulled_ = std::string(kPulled);
    const Columns& keys_;
    const bool joins_;
    const bool is_partial_;
    Columns told_;      // what the memory has of a change beside its key
    Columns shown_;     // all of the target
    Columns changing_;  // what of a version may change
};

}  // namespace

std::unique_ptr<ChangeSteps> RowVersionSteps(const ChangeScene& scene) {
    return std::make_unique<RowVersions>(scene);
}

}  // namespace tarn::pipeline
