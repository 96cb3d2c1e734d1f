// Any order and any batching of the same changes gives the same table: random changes, applied in
// random batches in random order, some batches twice, against changes replayed one by one in their
// own order.
#include <algorithm>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"
#include "pipeline/change_application.h"
#include "pipeline/change_steps.h"

namespace tarn::pipeline {
namespace {

using Cell = std::optional<int>;

struct Change {
    int key = 0;
    int sequence = 0;
    char op = 'u';  // u, d, t
    Cell a;
    Cell b;
};

struct Row {
    Cell a;
    Cell b;
    int sequence = 0;
    bool is_deleted = false;
    int deleted_at = 0;
};

Texts Sorted(Texts rows) {
    std::sort(rows.begin(), rows.end());
    return rows;
}

std::string Text(const Cell& cell) { return cell ? std::to_string(*cell) : "-"; }

std::string Values(const std::vector<Change>& changes) {
    std::vector<std::string> rows;
    for (const Change& change : changes) {
        const auto value = [](const Cell& cell) {
            return cell ? std::to_string(*cell) + "::INTEGER" : "NULL::INTEGER";
        };
        rows.push_back(fmt::format("({}::INTEGER, {}, '{}', {}, {})",
                                   change.op == 't' ? "NULL" : std::to_string(change.key),
                                   change.sequence, change.op, value(change.a), value(change.b)));
    }
    return "SELECT * FROM (VALUES " + Join(rows, ", ") + ") t(k, seq, op, a, b)";
}

sql::ChangeRules Rules() {
    sql::ChangeRules rules;
    rules.keys = {"k"};
    rules.sequence_by = {"seq"};
    rules.delete_when = "op = 'd'";
    rules.truncate_when = "op = 't'";
    rules.columns = {sql::ColumnChoice::Takes::kAllBut, {"seq", "op"}};
    return rules;
}

// Changes in their own order; of those at one place deletes and truncates come last.
std::vector<Change> InOrder(std::vector<Change> changes) {
    std::stable_sort(changes.begin(), changes.end(), [](const Change& x, const Change& y) {
        return std::tuple(x.sequence, x.op != 'u') < std::tuple(y.sequence, y.op != 'u');
    });
    return changes;
}

// What a row is behind a change: NULLs that leave values, a row that comes back begins anew.
Row Changed(const Row* before, const Change& change, const sql::ChangeRules& rules) {
    Row row{change.a, change.b, change.sequence};
    if (before == nullptr || !rules.ignore_null_updates) return row;
    if (!row.a) row.a = before->a;
    if (!row.b) row.b = before->b;
    return row;
}

bool TellsOrder(const sql::ChangeRules& rules) { return rules.columns.names.size() == 1; }

Texts ReplayedRows(const std::vector<Change>& changes, const sql::ChangeRules& rules) {
    std::map<int, Row> rows;
    const auto erase = [&](int key, int sequence) {
        const auto row = rows.find(key);
        if (row == rows.end()) return;
        if (!rules.soft_deletes) {
            rows.erase(row);
            return;
        }
        row->second.is_deleted = true;
        row->second.deleted_at = sequence;
    };
    for (const Change& change : InOrder(changes)) {
        if (change.op == 'd') erase(change.key, change.sequence);
        if (change.op == 't') {
            for (int key = 0; key < 10; ++key) erase(key, change.sequence);
        }
        if (change.op != 'u') continue;
        const auto before = rows.find(change.key);
        rows[change.key] = Changed(before == rows.end() ? nullptr : &before->second, change, rules);
    }
    Texts texts;
    for (const auto& [key, row] : rows) {
        const std::string sequence = TellsOrder(rules) ? fmt::format("|{}", row.sequence) : "";
        std::string text = fmt::format("{}{}|{}|{}", key, sequence, Text(row.a), Text(row.b));
        if (rules.soft_deletes) {
            text += row.is_deleted ? fmt::format("|true|{}", row.deleted_at) : "|false|-";
        }
        texts.push_back(text);
    }
    return texts;
}

struct Version {
    Row row;
    int from = 0;
    Cell to;
};

bool IsSame(const Row& x, const Row& y, const sql::ChangeRules& rules) {
    const bool tracks_b = rules.tracked.takes == sql::ColumnChoice::Takes::kAll;
    return x.a == y.a && (!tracks_b || x.b == y.b);
}

Texts ReplayedVersions(const std::vector<Change>& changes, const sql::ChangeRules& rules) {
    std::map<int, std::vector<Version>> versions;
    const auto end = [](std::vector<Version>& of, int sequence) {
        if (of.empty() || of.back().to) return;
        of.back().to = sequence;
    };
    for (const Change& change : InOrder(changes)) {
        const bool is_undone =
            std::any_of(changes.begin(), changes.end(), [&](const Change& other) {
                return other.sequence == change.sequence &&
                       (other.op == 't' || (other.op == 'd' && other.key == change.key));
            });
        if (change.op == 'u' && is_undone) continue;
        if (change.op == 't') {
            for (auto& [key, of] : versions) end(of, change.sequence);
            continue;
        }
        std::vector<Version>& of = versions[change.key];
        if (change.op == 'd') {
            end(of, change.sequence);
            continue;
        }
        const bool holds = !of.empty() && !of.back().to;
        const Row row = Changed(holds ? &of.back().row : nullptr, change, rules);
        if (holds && IsSame(of.back().row, row, rules)) {
            of.back().row = row;
        } else {
            if (holds) of.back().to = change.sequence;
            of.push_back({row, change.sequence, std::nullopt});
        }
    }
    Texts texts;
    for (const auto& [key, of] : versions) {
        for (const Version& version : of) {
            texts.push_back(fmt::format("{}|{}|{}|{}|{}", key, Text(version.row.a),
                                        Text(version.row.b), version.from, Text(version.to)));
        }
    }
    return texts;
}

using Chance = std::mt19937_64;

int Below(Chance& chance, int bound) {
    return static_cast<int>(chance() % static_cast<uint64_t>(bound));
}

// Few keys and values, so that they meet. Of upserts at one place only one where `ties` is false: a
// replay cannot know which counts; but deletes and truncates may stand at any.
std::vector<Change> RandomChanges(Chance& chance, bool ties, bool truncates) {
    std::vector<Change> changes;
    std::map<std::pair<int, int>, bool> taken;
    const int count = 4 + Below(chance, 14);
    for (int i = 0; i < count; ++i) {
        Change change;
        change.key = Below(chance, 3);
        change.sequence = Below(chance, ties ? 6 : 20);
        const int kind = Below(chance, 10);
        change.op = kind < 7 ? 'u' : kind < 9 ? 'd' : truncates ? 't' : 'u';
        const auto cell = [&]() -> Cell {
            return Below(chance, 3) == 0 ? Cell() : Cell(Below(chance, 3));
        };
        change.a = cell();
        change.b = cell();
        if (change.op == 'u' && !ties && std::exchange(taken[{change.key, change.sequence}], true))
            continue;
        changes.push_back(change);
    }
    if (changes.empty()) changes.push_back({});
    return changes;
}

struct Kind {
    std::string name;
    sql::ChangeRules rules;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

std::vector<Kind> Kinds() {
    std::vector<Kind> kinds;
    kinds.push_back({"latest", Rules()});
    kinds.push_back({"soft", Rules()});
    kinds.back().rules.soft_deletes = true;
    kinds.push_back({"latest_with_order", Rules()});
    kinds.back().rules.columns.names = {"op"};
    kinds.push_back({"soft_with_order", Rules()});
    kinds.back().rules.columns.names = {"op"};
    kinds.back().rules.soft_deletes = true;
    kinds.push_back({"nulls", Rules()});
    kinds.back().rules.ignore_null_updates = true;
    kinds.push_back({"soft_nulls", Rules()});
    kinds.back().rules.ignore_null_updates = true;
    kinds.back().rules.soft_deletes = true;
    kinds.push_back({"versions", Rules()});
    kinds.back().rules.keeps_history = true;
    kinds.push_back({"versions_never_emptied", Rules()});
    kinds.back().rules.keeps_history = true;
    kinds.back().rules.truncate_when.clear();
    kinds.push_back({"tracked", Rules()});
    kinds.back().rules.keeps_history = true;
    kinds.back().rules.tracked = {sql::ColumnChoice::Takes::kAllBut, {"b"}};
    kinds.push_back({"versions_nulls", Rules()});
    kinds.back().rules.keeps_history = true;
    kinds.back().rules.ignore_null_updates = true;
    return kinds;
}

class Changes : public testing::TestWithParam<Kind> {
protected:
    void Apply(const std::vector<Change>& changes) {
        ChangeApplication application(lake_.session(), lake_.catalog());
        ChangeTask task{rules_, Values(changes), {}, !application.IsInStep(target_, rules_)};
        task.write.table = target_;
        task.write.transaction = {"tarn:test", ++run_};
        application.Apply(std::move(task));
    }
    void Forget() {
        lake_.Run("DROP TABLE IF EXISTS silver.t");
        lake_.Run("DROP TABLE IF EXISTS silver.__t_memory");
    }
    bool MayTruncate() const { return !rules_.truncate_when.empty(); }
    Texts Table() { return Sorted(lake_.Rows("SELECT * FROM silver.t")); }

    // Batches in random order, now and then one again.
    void ApplyInBatches(std::vector<Change> changes, Chance& chance) {
        std::shuffle(changes.begin(), changes.end(), chance);
        std::vector<Change> earlier;
        for (size_t at = 0; at < changes.size();) {
            const size_t size = 1 + static_cast<size_t>(Below(chance, 5));
            const size_t end = std::min(at + size, changes.size());
            std::vector<Change> batch(changes.begin() + static_cast<ptrdiff_t>(at),
                                      changes.begin() + static_cast<ptrdiff_t>(end));
            if (!earlier.empty() && Below(chance, 3) == 0)
                batch.insert(batch.end(), earlier.begin(), earlier.end());
            Apply(batch);
            earlier = batch;
            at = end;
        }
    }

    LakeFiles files_;
    storage::LocalStore store_;
    OpenLake lake_{files_.path(), store_};
    const engine::TableName target_{"silver", "t"};
    const sql::ChangeRules& rules_ = GetParam().rules;
    int64_t run_ = 0;
};

TEST_P(Changes, InAnyOrderAndBatchingAreAsReplayedOneByOne) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Chance chance(seed);
        const std::vector<Change> changes = RandomChanges(chance, false, MayTruncate());
        Forget();
        ApplyInBatches(changes, chance);
        const Texts expected = Sorted(rules_.keeps_history ? ReplayedVersions(changes, rules_)
                                                           : ReplayedRows(changes, rules_));
        ASSERT_EQ(Table(), expected) << Values(changes);
    }
}

TEST_P(Changes, AtOnePlaceInTheOrderEndAsTheyDoInOneBatch) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Chance chance(seed);
        const std::vector<Change> changes = RandomChanges(chance, true, MayTruncate());
        Forget();
        Apply(changes);
        const Texts expected = Table();
        Forget();
        ApplyInBatches(changes, chance);
        ASSERT_EQ(Table(), expected) << Values(changes);
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Changes, testing::ValuesIn(Kinds()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tarn::pipeline
