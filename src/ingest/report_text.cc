#include "ingest/report_text.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.h"

namespace tarn::ingest {

namespace {

std::string Files(size_t count) {
    return fmt::format("{} file{}", HumanCount(static_cast<int64_t>(count)), count == 1 ? "" : "s");
}

std::string Rows(int64_t count) {
    return fmt::format("{} row{}", HumanCount(count), count == 1 ? "" : "s");
}

// Paths and details come from outside: control characters must not reach a terminal.
std::string Printable(std::string_view text) {
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return out;
}

std::string TableLine(const TableReport& table, size_t width) {
    std::string line = fmt::format("{:<{}}  ", table.table, width);
    if (table.files_landed > 0) {
        line += fmt::format("{} landed, {}, {}, {:.1f} s", Files(table.files_landed),
                            Rows(table.rows_landed), HumanBytes(table.bytes_read), table.seconds);
        if (table.table_version) line += fmt::format(", version {}", *table.table_version);
    } else {
        line += table.files_found == 0 ? "no file matches" : "nothing new";
    }
    if (table.files_known > 0) line += fmt::format("; {} known", Files(table.files_known));
    if (table.rows_marked > 0)
        line +=
            fmt::format("; {} marked in {}", Rows(table.rows_marked), Files(table.files_marked));
    if (table.rows_quarantined > 0)
        line += fmt::format("; {} in quarantine", Rows(table.rows_quarantined));
    return line;
}

void AddMore(std::vector<std::string>& lines, size_t listed, size_t all) {
    if (all > listed) lines.push_back(fmt::format("  and {} more", Files(all - listed)));
}

void AddDetails(std::vector<std::string>& lines, const TableReport& table) {
    for (const std::string& column : table.columns_added)
        lines.push_back(Printable(fmt::format("  column   {} was added", column)));
    for (const MarkedFile& file : table.marked) {
        lines.push_back(Printable(fmt::format("  marked   {}:{}: {}: {} ({})", file.path,
                                              file.first.line, file.first.error_class,
                                              file.first.detail, Rows(file.rows_marked))));
    }
    AddMore(lines, table.marked.size(), table.files_marked);
    for (const std::string& path : table.refused) {
        lines.push_back(
            Printable(fmt::format("  refused  {}: its content changed since it was landed (set "
                                  "`reload: append` or `never`)",
                                  path)));
    }
    AddMore(lines, table.refused.size(), table.files_refused);
    for (const std::string& path : table.kept) {
        lines.push_back(
            Printable(fmt::format("  kept     {}: changed since, `reload: never`", path)));
    }
    AddMore(lines, table.kept.size(), table.files_kept);
    for (const auto& [path, why] : table.failed) {
        lines.push_back(Printable(fmt::format("  failed   {}: {}", path, why)));
    }
    AddMore(lines, table.failed.size(), table.files_failed);
    for (const std::string& broken : table.broken_promises)
        lines.push_back(Printable("  contract " + broken));
    if (table.has_no_fields) {
        lines.push_back(
            "  note     the table has no column for a field, as nothing could be read when it was "
            "made: name the fields in `schema`, drop it and ingest again");
    }
    if (table.error) lines.push_back(Printable(fmt::format("  error    {}", table.error->what())));
}

}  // namespace

std::vector<std::string> SummaryLines(const IngestReport& report) {
    std::vector<std::string> lines;
    size_t width = 0;
    TableReport total;
    for (const TableReport& table : report.tables) {
        width = std::max(width, table.table.size());
        total.files_landed += table.files_landed;
        total.rows_landed += table.rows_landed;
        total.rows_marked += table.rows_marked;
        total.bytes_read += table.bytes_read;
    }
    for (const TableReport& table : report.tables) {
        lines.push_back(TableLine(table, width));
        AddDetails(lines, table);
    }
    lines.push_back(fmt::format("{} landed, {} ({} marked), {} in {:.1f} s",
                                Files(total.files_landed), Rows(total.rows_landed),
                                HumanCount(total.rows_marked), HumanBytes(total.bytes_read),
                                report.seconds));
    return lines;
}

}  // namespace tarn::ingest
