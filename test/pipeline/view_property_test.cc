// A materialized view that is refreshed from changes has the rows of one that is made again: random
// SELECTs of each shape, random changes of their sources, some of them several between two builds.
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"

namespace tarn::pipeline {
namespace {

using Chance = std::mt19937_64;

int Below(Chance& chance, int bound) {
    return static_cast<int>(chance() % static_cast<uint64_t>(bound));
}

const std::string& OneOf(Chance& chance, const Texts& words) {
    return words[static_cast<size_t>(Below(chance, static_cast<int>(words.size())))];
}

// Some of them, at least one, in their order.
Texts SomeOf(Chance& chance, const Texts& words) {
    Texts some;
    for (const std::string& word : words) {
        if (Below(chance, 2) == 0) some.push_back(word);
    }
    return some.empty() ? Texts{OneOf(chance, words)} : some;
}

std::string Named(const Texts& values) {
    Texts named;
    for (size_t i = 0; i < values.size(); ++i)
        named.push_back(fmt::format("{} as c{}", values[i], i));
    return Join(named, ", ");
}

// Of one to three tables, all with columns k, g, s, n, d and f.
struct From {
    std::string with;
    std::string text;
    Texts keys;
    Texts numbers;
    Texts conditions;
};

From RandomFrom(Chance& chance) {
    const bool is_imported = Below(chance, 2) == 0;
    const std::string a = is_imported ? "imported a" : "{{ source('raw', 'a') }} a";
    const std::string b = " join {{ source('raw', 'b') }} b on ";
    const std::string c = " join {{ source('raw', 'c') }} c on ";
    From one{is_imported ? "with imported as (select * from {{ source('raw', 'a') }})\n" : "",
             a,
             {"a.g", "a.s", "a.k % 2", "coalesce(a.g, -1)", "a.f"},
             {"a.n", "a.d", "a.k"},
             {"a.n > 1", "a.s is distinct from 'x'", "a.g is null or a.n < 4"}};
    const int tables = 1 + Below(chance, 3);
    if (tables > 1) {
        one.text += b + OneOf(chance, {"a.k = b.k", "a.k = b.k and a.n <= b.n",
                                       "a.g is not distinct from b.g", "a.k = b.k or a.g = b.g"});
        one.keys.insert(one.keys.end(), {"b.g", "b.s"});
        one.numbers.insert(one.numbers.end(), {"b.n", "a.n + b.n", "b.d"});
        one.conditions.emplace_back("a.n <> b.n");
    }
    if (tables > 2) {
        one.text += c + OneOf(chance, {"c.k = b.k", "c.k = a.k and c.g = b.g"});
        one.keys.emplace_back("c.s");
        one.numbers.emplace_back("c.n");
    }
    return one;
}

std::string RandomSelect(Chance& chance) {
    const From from = RandomFrom(chance);
    Texts keys = SomeOf(chance, from.keys);
    const std::string where =
        Below(chance, 2) == 0 ? "" : " where " + OneOf(chance, from.conditions);
    const int shape = Below(chance, 4);
    if (shape == 0) {
        for (const std::string& number : SomeOf(chance, from.numbers)) keys.push_back(number);
        return from.with + "select " + Named(keys) + " from " + from.text + where;
    }
    if (shape == 1)
        return from.with + "select distinct " + Named(keys) + " from " + from.text + where;
    const std::string x = OneOf(chance, from.numbers);
    const std::string y = OneOf(chance, from.numbers);
    // What adds up, and what does not.
    Texts values =
        SomeOf(chance, {"count(*)", "count(" + x + ")", "sum(" + x + ")", "min(" + y + ")",
                        "max(" + y + ")", "sum(" + y + ")::bigint",
                        "count(*) filter (where " + x + " > 2)", "max(a.s)", "max(a.f)"});
    if (shape == 3) {
        for (const std::string& value :
             SomeOf(chance, {"avg(" + x + ")", "count(distinct " + y + ")",
                             "sum(distinct " + x + ")", "sum(" + x + ") * 2 + count(*)",
                             "bool_and(" + y + " > 1)", "median(" + x + ")", "min(a.f)"}))
            values.push_back(value);
    }
    Texts all = keys;
    all.insert(all.end(), values.begin(), values.end());
    Texts places;
    for (size_t i = 0; i < keys.size(); ++i) places.push_back(std::to_string(i + 1));
    return from.with + "select " + Named(all) + " from " + from.text + where + " group by " +
           Join(places, ", ");
}

std::string RandomRow(Chance& chance) {
    const auto cell = [&](int bound) {
        return Below(chance, 5) == 0 ? std::string("NULL") : std::to_string(Below(chance, bound));
    };
    const std::string text = Below(chance, 5) == 0 ? "NULL" : Below(chance, 2) == 0 ? "'x'" : "'y'";
    const std::string real = OneOf(chance, {"NULL", "0.5", "'NaN'", "1.25"}) + "::DOUBLE";
    return fmt::format("({}, {}, {}, {}, {}, {})", cell(4), cell(3), text, cell(6), cell(3), real);
}

std::string RandomRows(Chance& chance) {
    Texts rows;
    for (int i = Below(chance, 4); i >= 0; --i) rows.push_back(RandomRow(chance));
    if (Below(chance, 3) == 0) rows.push_back(rows.front());
    return "VALUES " + Join(rows, ", ");
}

// `grows`: rows are only added.
std::string RandomChange(Chance& chance, const std::string& table, bool grows) {
    const std::string some =
        OneOf(chance, {"k = 1", "g = 2", "s = 'x'", "n IS NULL", "g IS NULL", "n > 3", "f > 1"});
    switch (grows ? 0 : Below(chance, 9)) {
        case 3:
        case 4:
            return fmt::format("DELETE FROM {} WHERE {}", table, some);
        case 5:
            return fmt::format("UPDATE {} SET {} WHERE {}", table,
                               OneOf(chance, {"g = g + 1", "g = NULL", "n = n - 1", "s = 'y'",
                                              "k = (k + 1) % 4, n = 0", "d = d * 2", "f = -f"}),
                               some);
        case 6:
            return fmt::format(
                "MERGE INTO {} t USING (SELECT DISTINCT ON (k) * FROM ({}) v(k, g, s, n, d, f) "
                "WHERE k IS NOT NULL) s ON t.k = s.k WHEN MATCHED AND s.n > 3 THEN DELETE WHEN "
                "MATCHED THEN UPDATE SET g = s.g, n = s.n WHEN NOT MATCHED THEN INSERT (k, g, s, "
                "n, d, f) VALUES (s.k, s.g, s.s, s.n, s.d, s.f)",
                table, RandomRows(chance));
        case 7:
            return "OPTIMIZE " + table;
        case 8:
            return Below(chance, 3) == 0 ? "DELETE FROM " + table
                                         : fmt::format("INSERT INTO {0} SELECT * FROM {0}", table);
        default:
            return fmt::format("INSERT INTO {} {}", table, RandomRows(chance));
    }
}

class Views : public testing::TestWithParam<int> {
protected:
    static constexpr int kViews = 6;
    static constexpr int kBuilds = 5;

    void MakeSources() {
        const Texts properties = {"", "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
                                  "TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')",
                                  "TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true', "
                                  "'delta.enableDeletionVectors' = 'true')"};
        lake_.Run("CREATE SCHEMA raw");
        for (const std::string& table : tables_) {
            lake_.Run(
                fmt::format("CREATE TABLE {} (k INTEGER, g INTEGER, s VARCHAR, n INTEGER, d "
                            "DECIMAL(10,2), f DOUBLE) {}",
                            table, OneOf(chance_, properties)));
        }
    }
    void MakeViews() {
        for (int i = 0; i < kViews; ++i) {
            const std::string select = RandomSelect(chance_);
            selects_[fmt::format("v{}", i)] = select;
            files_.Write(
                fmt::format("models/silver/v{}.sql", i),
                "{{ config(materialized='materialized_view', refresh='incremental') }}" + select);
            files_.Write(fmt::format("models/silver/t{}.sql", i), select);
        }
        // Of a view.
        files_.Write("models/silver/v_of_v.sql",
                     "{{ config(materialized='materialized_view', refresh='incremental') }}select "
                     "c0, count(*) as n from {{ ref('v0') }} group by c0");
        files_.Write("models/silver/t_of_v.sql",
                     "select c0, count(*) as n from {{ ref('v0') }} group by c0");
    }
    void Change() {
        const bool grows = Below(chance_, 3) == 0;
        for (int i = Below(chance_, 4); i >= 0; --i) {
            told_.push_back(RandomChange(chance_, OneOf(chance_, tables_), grows));
            lake_.Run(told_.back());
        }
    }
    void ExpectSame(const std::string& view, const std::string& table) {
        ASSERT_EQ(lake_.Rows("SELECT * FROM silver." + view + " ORDER BY ALL"),
                  lake_.Rows("SELECT * FROM silver." + table + " ORDER BY ALL"))
            << selects_[view] << "\n"
            << Join(told_, ";\n");
    }

    LakeFiles files_;
    storage::LocalStore store_;
    OpenLake lake_{files_.path(), store_};
    Chance chance_{static_cast<uint64_t>(GetParam())};
    const Texts tables_ = {"raw.a", "raw.b", "raw.c"};
    std::map<std::string, std::string> selects_;
    Texts told_;
};

TEST_P(Views, AreWhatTheirSelectsSay) {
    MakeSources();
    MakeViews();
    for (int build = 0; build < kBuilds; ++build) {
        if (build > 0 || Below(chance_, 2) == 0) Change();
        const BuildReport report = lake_.Build();
        ASSERT_FALSE(report.HasFailed()) << Messages(report);
        for (const NodeReport& node : report.nodes) {
            if (node.kind != "materialized_view" || node.state != NodeState::kDone) continue;
            EXPECT_THAT(node.notices,
                        testing::ElementsAre(testing::StartsWith(build == 0 ? "full" : "incre")))
                << selects_[node.id.substr(7)];
        }
        for (int i = 0; i < kViews; ++i) {
            ExpectSame(fmt::format("v{}", i), fmt::format("t{}", i));
            if (HasFatalFailure()) return;
        }
        ExpectSame("v_of_v", "t_of_v");
        if (HasFatalFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Seed, Views, testing::Range(1, 21));

}  // namespace
}  // namespace tarn::pipeline
