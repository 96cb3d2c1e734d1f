// A lake whose tables are rows in memory, for tests of ingest without the engine: it understands
// exactly the statements that ingest sends, keeps `txn` versions, and lets a test step in before
// and after a commit.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/session.h"
#include "ingest/field_schema.h"

namespace tarn::ingest {

struct FakeRow {
    std::string batch_id;
    std::string source_path;
    int64_t line = 0;
    std::string error_class;
};

struct FakeTable {
    table::TableMetadata metadata;
    std::map<std::string, int64_t> transactions;
    std::vector<FakeRow> rows;
    int64_t version = 0;
};

struct FakeLake {
    std::map<std::string, FakeTable> tables;
    // Called once each, then forgotten; what they throw is what the statement throws.
    std::function<void()> before_commit;
    std::function<void()> after_commit;
    std::vector<std::string> statements;
};

class FakeSnapshot final : public table::Snapshot {
public:
    FakeSnapshot(FakeTable table, std::string location)
        : table_(std::move(table)), location_(std::move(location)) {}
    const std::string& Location() const override { return location_; }
    table::Version AtVersion() const override { return {table_.version}; }
    int64_t CommittedMs() const override { return 0; }
    const table::TableMetadata& Metadata() const override { return table_.metadata; }
    std::vector<std::pair<std::string, std::string>> Protocol() const override { return {}; }
    table::WriteRules Rules() const override { return {}; }
    void CheckWritable(table::RowsThere) const override {}
    table::TableTotals Totals() const override { return {}; }
    std::optional<uint64_t> LiveRows() const override { return 0; }
    std::optional<uint64_t> EstimatedRows() const override { return 0; }
    table::ScanPlan Plan(const table::Predicate&) const override { return {}; }
    std::optional<int64_t> TransactionVersion(const std::string& app_id) const override {
        const auto found = table_.transactions.find(app_id);
        if (found == table_.transactions.end()) return std::nullopt;
        return found->second;
    }
    std::optional<std::string> DeletedRowsLocation(const table::DataFile&) const override {
        return std::nullopt;
    }
    std::shared_ptr<const table::DeletedRows> LoadDeletedRows(
        const table::DataFile&) const override {
        return nullptr;
    }
    table::SnapshotPtr WithStaged(const table::Change&) const override { return nullptr; }

private:
    FakeTable table_;
    std::string location_;
};

class FakeResult final : public engine::Result {
public:
    FakeResult(std::vector<engine::TextRow> rows, engine::StatementStats stats)
        : rows_(std::move(rows)), stats_(std::move(stats)) {}
    const std::vector<engine::ColumnInfo>& Columns() const override { return columns_; }
    bool HasRows() const override { return !rows_.empty(); }
    void GetArrowSchema(ArrowSchema*) override { Check(false, "a fake answers in text only"); }
    bool NextArrow(ArrowArray*) override { return false; }
    bool NextText(std::vector<engine::TextRow>& rows) override {
        if (rows_.empty()) return false;
        rows.insert(rows.end(), rows_.begin(), rows_.end());
        rows_.clear();
        return true;
    }
    const engine::StatementStats& Stats() const override { return stats_; }
    const std::vector<std::string>& Notices() const override { return notices_; }

private:
    std::vector<engine::ColumnInfo> columns_;
    std::vector<std::string> notices_;
    std::vector<engine::TextRow> rows_;
    engine::StatementStats stats_;
};

class FakeSession final : public engine::Session {
public:
    explicit FakeSession(FakeLake& lake) : lake_(lake) {}

    std::unique_ptr<engine::Result> Execute(const sql::Statement& statement,
                                            const engine::ExecuteOptions& options) override {
        const std::string& text = statement.text;
        lake_.statements.push_back(text);
        if (text.starts_with("CREATE SCHEMA IF NOT EXISTS ")) return Done();
        if (text.starts_with("CREATE TABLE ")) return Create(text);
        if (text.starts_with("INSERT INTO ")) return Insert(text, options);
        if (text.starts_with("SELECT 1 FROM ")) return Find(text, options);
        throw Error(ErrorKind::kInternal, "the fake lake does not know: {}", text);
    }

    table::SnapshotPtr Snapshot(const engine::TableName& name) override {
        return std::make_shared<FakeSnapshot>(Table(name.ToString()),
                                              "mem://lake/tables/" + name.ToString());
    }
    engine::TableName ResolveName(std::string_view text) override {
        const auto parts = Split(text, '.');
        return {parts.at(0), parts.at(1)};
    }
    void Cancel() override {}
    double Progress() override { return -1; }

private:
    static std::unique_ptr<engine::Result> Done(engine::StatementStats stats = {},
                                                std::vector<engine::TextRow> rows = {}) {
        return std::make_unique<FakeResult>(std::move(rows), std::move(stats));
    }

    // The table's name is the third word: "b"."t" without its quotes.
    static std::string NameIn(const std::string& text, size_t word) {
        std::string name = Split(text, ' ').at(word);
        std::erase(name, '"');
        return name;
    }

    FakeTable& Table(const std::string& name) {
        const auto found = lake_.tables.find(name);
        if (found == lake_.tables.end()) throw Error(ErrorKind::kNotFound, "no table {}", name);
        return found->second;
    }

    static table::TypeKind KindOf(std::string_view sql_type) {
        if (sql_type.starts_with("VARCHAR")) return table::TypeKind::kString;
        if (sql_type.starts_with("BLOB")) return table::TypeKind::kBinary;
        if (sql_type.starts_with("BIGINT")) return table::TypeKind::kLong;
        if (sql_type.starts_with("INTEGER")) return table::TypeKind::kInt;
        if (sql_type.starts_with("DATE")) return table::TypeKind::kDate;
        if (sql_type.starts_with("TIMESTAMP WITH")) return table::TypeKind::kTimestamp;
        throw Error(ErrorKind::kInternal, "the fake lake has no type {}", sql_type);
    }

    std::unique_ptr<engine::Result> Create(const std::string& text) {
        const std::string name = NameIn(text, 2);
        if (lake_.tables.contains(name))
            throw Error(ErrorKind::kAlreadyExists, "there is a table {}", name);
        FakeTable& table = lake_.tables[name];
        const size_t open = text.find('(');
        for (const std::string& column :
             Split(text.substr(open + 1, text.find(')') - open - 1), ',')) {
            const std::string_view trimmed = Trim(column);
            const size_t quote = trimmed.find('"', 1);
            table::Field field;
            field.name = trimmed.substr(1, quote - 1);
            field.type = table::Type(KindOf(trimmed.substr(quote + 2)));
            table.metadata.schema.fields.push_back(field);
        }
        return Done();
    }

    std::unique_ptr<engine::Result> Insert(const std::string& text,
                                           const engine::ExecuteOptions& options) {
        const std::string name = NameIn(text, 2);
        const std::vector<FakeRow> rows = Drain(*options.inputs.at(0).second);
        if (lake_.before_commit) std::exchange(lake_.before_commit, nullptr)();
        FakeTable& table = Table(name);
        int64_t& last = table.transactions[options.transaction->app_id];
        if (last >= options.transaction->version)
            throw Error(ErrorKind::kConflict, "that batch is in already");
        last = options.transaction->version;
        table.rows.insert(table.rows.end(), rows.begin(), rows.end());
        ++table.version;
        if (lake_.after_commit) std::exchange(lake_.after_commit, nullptr)();
        engine::StatementStats stats;
        stats.rows_affected = rows.size();
        stats.written.push_back({ResolveName(name), {table.version}, 0});
        return Done(stats);
    }

    static std::vector<FakeRow> Drain(table::RowSource& source) {
        ArrowSchema schema{};
        source.GetSchema(&schema);
        const std::unique_ptr<ArrowSchema, decltype(&ArrowSchemaRelease)> owner(
            &schema, &ArrowSchemaRelease);
        std::vector<FakeRow> rows;
        ArrowArray batch{};
        while (source.Next(&batch)) {
            const size_t first = rows.size();
            rows.resize(first + static_cast<size_t>(batch.length));
            for (int64_t i = 0; i < schema.n_children; ++i) {
                ArrowArrayView view;
                Check(ArrowArrayViewInitFromSchema(&view, schema.children[i], nullptr) ==
                          NANOARROW_OK,
                      "view");
                Check(ArrowArrayViewSetArray(&view, batch.children[i], nullptr) == NANOARROW_OK,
                      "view");
                for (int64_t row = 0; row < batch.length; ++row) {
                    Take(schema.children[i]->name, view, row,
                         rows[first + static_cast<size_t>(row)]);
                }
                ArrowArrayViewReset(&view);
            }
            ArrowArrayRelease(&batch);
        }
        return rows;
    }

    static void Take(std::string_view column, const ArrowArrayView& view, int64_t row,
                     FakeRow& out) {
        if (ArrowArrayViewIsNull(&view, row) != 0) return;
        const auto text = [&] {
            const ArrowStringView value = ArrowArrayViewGetStringUnsafe(&view, row);
            return std::string(value.data, static_cast<size_t>(value.size_bytes));
        };
        if (column == "batch_id") out.batch_id = text();
        if (column == "source_path") out.source_path = text();
        if (column == "_error_class") out.error_class = text();
        if (column == "source_line") out.line = ArrowArrayViewGetIntUnsafe(&view, row);
    }

    std::unique_ptr<engine::Result> Find(const std::string& text,
                                         const engine::ExecuteOptions& options) {
        const FakeTable& table = Table(NameIn(text, 3));
        const std::string wanted = std::get<std::string>(options.parameters.at(0));
        for (const FakeRow& row : table.rows) {
            if (row.batch_id == wanted) return Done({}, {{std::string("1")}});
        }
        return Done();
    }

    FakeLake& lake_;
};

}  // namespace tarn::ingest
