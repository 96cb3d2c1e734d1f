#include "upkeep/layout_advice.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "table/data_file_facts.h"
#include "table/schema_edit.h"
#include "upkeep/optimize_plan.h"

namespace tarn::upkeep {
namespace {

using Columns = std::vector<std::string>;

// Rows that a condition leaves where nobody counted them.
constexpr double kUnknownShare = 0.1;
// Written when it came, and once more with its neighbours.
constexpr double kCompactedOnce = 2;

bool Holds(const Columns& columns, const std::string& column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
}

const table::Field* FieldAt(const table::Schema& schema, const std::string& column) {
    const std::vector<table::Field>* fields = &schema.fields;
    const table::Field* found = nullptr;
    for (const std::string& name : table::PathNamed(schema, column)) {
        const int at = table::FindField(*fields, name);
        if (at < 0) return nullptr;
        found = &(*fields)[static_cast<size_t>(at)];
        fields = &found->type.children();
    }
    return found;
}

// Can rows be laid along it.
bool HasOrder(const table::Type& type) {
    switch (type.kind()) {
        case table::TypeKind::kBoolean:
        case table::TypeKind::kBinary:
        case table::TypeKind::kVariant:
        case table::TypeKind::kVoid:
        case table::TypeKind::kStruct:
        case table::TypeKind::kArray:
        case table::TypeKind::kMap:
            return false;
        default:
            return true;
    }
}

// Judges layouts of one table.
class Judge {
public:
    Judge(const table::TableMetadata& metadata, const std::vector<table::DataFile>& files,
          const std::vector<ScanRecord>& scans, const LayoutRules& rules)
        : metadata_(metadata), files_(files), scans_(scans), rules_(rules) {
        table_bytes_ = BytesOf(files);
        file_bytes_ = metadata.file_rules.bytes.value_or(TargetOfPartition(table_bytes_));
        pieces_ = static_cast<double>(table_bytes_) / static_cast<double>(file_bytes_);
        for (const ScanRecord& scan : scans) scanned_ += static_cast<double>(scan.bytes);
    }

    // Of all rows, those that a condition of the scan on one column leaves.
    static double ShareByColumn(const ScanRecord& scan) {
        if (scan.filters.empty()) return 1;
        double share = kUnknownShare;
        if (scan.table_rows > 0) {
            share = static_cast<double>(std::max<uint64_t>(scan.rows, 1)) /
                    static_cast<double>(scan.table_rows);
        }
        return std::pow(std::min(share, 1.0), 1.0 / static_cast<double>(scan.filters.size()));
    }

    // Bytes that all scans together would not have read.
    double SavedBy(const Columns& columns, bool is_partitioned) const {
        double saved = 0;
        const double ranges =
            std::max(1.0, std::pow(pieces_, 1.0 / static_cast<double>(columns.size())));
        for (const ScanRecord& scan : scans_) {
            const double share = ShareByColumn(scan);
            double left = 1;
            for (const std::string& column : columns) {
                if (!Holds(scan.filters, column)) continue;
                left *= std::min(1.0, is_partitioned ? share : share + 1 / ranges);
            }
            const double expected = left * static_cast<double>(table_bytes_);
            saved += std::max(0.0, static_cast<double>(scan.bytes) - expected);
        }
        return saved;
    }

    // Columns that pay, the best first.
    Columns BestCurve() const {
        Columns chosen;
        double saved = 0;
        while (chosen.size() < rules_.most_columns) {
            std::optional<std::string> best;
            double best_saved = saved + rules_.least_gain * scanned_;
            for (const std::string& column : Candidates()) {
                if (Holds(chosen, column)) continue;
                Columns wider = chosen;
                wider.push_back(column);
                const double with = SavedBy(wider, false);
                if (with <= best_saved) continue;
                best_saved = with;
                best = column;
            }
            if (!best) break;
            chosen.push_back(*best);
            saved = best_saved;
        }
        return chosen;
    }

    // A column whose values each fill a partition, and that nearly all scans ask for.
    std::optional<std::string> BestPartition() const {
        for (const ColumnUse& use : Uses()) {
            const bool is_asked =
                static_cast<double>(use.bytes) >= rules_.partition_share * scanned_;
            const auto values = MostValues(use.column);
            if (!is_asked || !values || *values > rules_.most_partitions) continue;
            if (table_bytes_ / *values >= rules_.least_partition_bytes) return use.column;
        }
        return std::nullopt;
    }

    bool IsWorthIt(double saved) const {
        return saved >= rules_.least_share * scanned_ && saved >= static_cast<double>(table_bytes_);
    }

    std::vector<ColumnUse> Uses() const {
        std::map<std::string, ColumnUse> by_column;
        for (const ScanRecord& scan : scans_) {
            for (const std::string& column : scan.filters) {
                ColumnUse& use = by_column[column];
                use.column = column;
                use.left_share += ShareByColumn(scan);
                use.bytes += scan.bytes;
                ++use.scans;
            }
        }
        std::vector<ColumnUse> uses;
        for (auto& [column, use] : by_column) {
            use.left_share /= static_cast<double>(use.scans);
            uses.push_back(std::move(use));
        }
        std::stable_sort(uses.begin(), uses.end(),
                         [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
        return uses;
    }

    uint64_t table_bytes() const { return table_bytes_; }
    uint64_t file_bytes() const { return file_bytes_; }
    double pieces() const { return pieces_; }
    double scanned() const { return scanned_; }

private:
    Columns Candidates() const {
        Columns candidates;
        for (const ColumnUse& use : Uses()) {
            const table::Field* field = FieldAt(metadata_.schema, use.column);
            const bool is_partition = Holds(metadata_.partition_columns, use.column);
            if (field != nullptr && HasOrder(field->type) && !is_partition)
                candidates.push_back(use.column);
        }
        return candidates;
    }

    // At most so many values has the column, as its bounds tell; nothing where they do not.
    std::optional<uint64_t> MostValues(const std::string& column) const {
        const table::Field* field = FieldAt(metadata_.schema, column);
        if (field == nullptr || column.find('.') != std::string::npos) return std::nullopt;
        std::optional<std::pair<int64_t, int64_t>> range;
        for (const table::DataFile& file : files_) {
            const table::ColumnFacts facts = table::DataFileFacts(metadata_, file).Of({column});
            const auto low = WholeNumber(facts.min);
            const auto high = facts.is_constant ? low : WholeNumber(facts.max);
            if (!low || !high) return std::nullopt;
            if (!range) range = {*low, *high};
            range = {std::min(range->first, *low), std::max(range->second, *high)};
        }
        if (!range) return std::nullopt;
        return static_cast<uint64_t>(range->second) - static_cast<uint64_t>(range->first) + 1;
    }

    static std::optional<int64_t> WholeNumber(const table::Value& value) {
        if (const auto* number = std::get_if<int64_t>(&value)) return *number;
        if (const auto* date = std::get_if<table::Date>(&value)) return date->days;
        return std::nullopt;
    }

    const table::TableMetadata& metadata_;
    const std::vector<table::DataFile>& files_;
    const std::vector<ScanRecord>& scans_;
    const LayoutRules& rules_;
    uint64_t table_bytes_ = 0;
    uint64_t file_bytes_ = 1;
    double pieces_ = 1;
    double scanned_ = 0;
};

void Say(LayoutAdvice& advice, double saved) {
    advice.saved_bytes = static_cast<uint64_t>(saved);
    if (advice.scanned_bytes == 0) return;
    advice.reason += fmt::format("; {:.0f} % of the {} that {} scans read would not be read",
                                 100 * saved / static_cast<double>(advice.scanned_bytes),
                                 HumanBytes(advice.scanned_bytes), advice.scans);
}

}  // namespace

std::string_view NameOf(Layout layout) {
    switch (layout) {
        case Layout::kPartition:
            return "partition";
        case Layout::kCluster:
            return "cluster";
        case Layout::kAsItIs:
            break;
    }
    return "neither";
}

LayoutAdvice AdviseLayout(const table::TableMetadata& metadata,
                          const std::vector<table::DataFile>& files,
                          const std::vector<ScanRecord>& scans, const LayoutRules& rules) {
    const Judge judge(metadata, files, scans, rules);
    LayoutAdvice advice;
    advice.table_bytes = judge.table_bytes();
    advice.files = files.size();
    advice.file_bytes = judge.file_bytes();
    advice.scans = scans.size();
    advice.scanned_bytes = static_cast<uint64_t>(judge.scanned());
    advice.uses = judge.Uses();
    advice.write_amplification = kCompactedOnce;
    if (judge.pieces() < 2) {
        advice.reason = "the table has fewer bytes than two files: there is nothing to skip";
        return advice;
    }
    if (advice.uses.empty()) {
        advice.reason = "no statement of the history had a condition on its columns";
        return advice;
    }
    const Columns curve = judge.BestCurve();
    const double by_curve = curve.empty() ? 0 : judge.SavedBy(curve, false);
    const auto partition = judge.BestPartition();
    const double by_partition = partition ? judge.SavedBy({*partition}, true) : 0;
    const bool is_laid_out =
        !metadata.partition_columns.empty() || !metadata.clustering_columns.empty();
    if (partition && !is_laid_out && by_partition >= by_curve && judge.IsWorthIt(by_partition)) {
        advice.layout = Layout::kPartition;
        advice.columns = {*partition};
        advice.rewritten_bytes = advice.table_bytes;
        advice.reason = fmt::format(
            "each value of {} fills a partition, and nearly all scans ask "
            "for some of them",
            *partition);
        Say(advice, by_partition);
        return advice;
    }
    if (curve == metadata.clustering_columns && !curve.empty()) {
        advice.reason = "the table is clustered by the columns that its readers ask for";
        return advice;
    }
    if (!judge.IsWorthIt(by_curve)) {
        advice.reason = "no other layout would save what it costs to write the table again";
        Say(advice, by_curve);
        return advice;
    }
    advice.layout = Layout::kCluster;
    advice.columns = curve;
    advice.rewritten_bytes = advice.table_bytes;
    // A row moves about as often as the table's size has doubled (clustering_plan.h).
    advice.write_amplification = kCompactedOnce + std::log2(judge.pieces());
    advice.reason = fmt::format("scans have conditions on {}", Join(curve, ", "));
    Say(advice, by_curve);
    return advice;
}

std::vector<std::string> ChooseClustering(const table::TableMetadata& metadata,
                                          const std::vector<table::DataFile>& files,
                                          const std::vector<ScanRecord>& scans,
                                          const LayoutRules& rules) {
    const Judge judge(metadata, files, scans, rules);
    const Columns& now = metadata.clustering_columns;
    if (judge.pieces() < 2) return now;
    const Columns best = judge.BestCurve();
    if (best.empty()) return now;
    const double saved = judge.SavedBy(best, false);
    if (now.empty()) return judge.IsWorthIt(saved) ? best : now;
    const double more = saved - judge.SavedBy(now, false);
    return judge.IsWorthIt(more) && more >= rules.worth_changing * judge.scanned() ? best : now;
}

}  // namespace tarn::upkeep
