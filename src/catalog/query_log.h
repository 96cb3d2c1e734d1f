// The history of statements behind ops.queries, kept in the catalog's store with a retention. What
// changes anything has its row before it runs; what only reads, and how either ended, is written
// within kLongestWait by a thread of the log's own, so that small statements do not wait for it. A
// statement whose process is gone shows as died. A lake without a store gets none by a statement
// that only reads. Thread-safe, many processes.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/process_identity.h"
#include "engine/query_history.h"
#include "table/rows.h"

namespace tarn::catalog {

class Connection;
class LineageLog;
class Store;

class QueryLog final : public engine::QueryHistory {
public:
    static constexpr int64_t kMostRows = 100'000;  // older ones go
    static constexpr size_t kMaxMessageBytes = 1024;
    static constexpr size_t kMostScans = 16;  // of one statement
    static constexpr std::chrono::milliseconds kLongestWait{10};
    // So many wait to be written; the next statement writes them itself.
    static constexpr size_t kMostWaiting = 1024;

    // The store should commit without waiting for the disk (Durability::kProcess).
    // `lineage` is given what statements tell of theirs; null: nobody is.
    QueryLog(Store& store, Clock& clock, Random& random, int keep_days,
             LineageLog* lineage = nullptr);
    // Writes what is left; what still runs is cancelled.
    ~QueryLog() override;

    int64_t Start(engine::QueryStart start) override;
    void Finish(int64_t query, engine::QueryEnd end) override;
    std::vector<engine::TableScan> Scans(const engine::TableName& table, size_t limit) override;

    // Rows of ops.queries, oldest first, those of statements of now included.
    std::unique_ptr<table::RowSource> OpenQueries();
    // Writes what waits.
    void Flush();

private:
    struct Query {
        std::optional<engine::QueryStart> start;  // until it is written
        std::string id;
        std::string node;
        std::string run_id;
        TimestampUs started;
        DurationUs since;    // monotonic
        int64_t number = 0;  // of its row; 0: has none yet
        std::optional<engine::QueryEnd> end;
        TimestampUs finished;
        DurationUs taken{};
    };

    void Work();
    void ForgetBeyondLimit();
    std::map<int64_t, Query> TakeUnwritten();
    void Write(Connection& connection, std::map<int64_t, Query>& queries);
    void Insert(Connection& connection, Query& query);
    void Clean(Connection& connection);

    Store& store_;
    Clock& clock_;
    Random& random_;
    const DurationUs keep_;
    LineageLog* const lineage_;
    const ProcessIdentity self_ = ProcessIdentity::OfThis();
    // Held while rows are written; taken before mutex_.
    std::mutex writing_;
    int64_t written_since_cleaning_ = 0;  // under writing_
    bool was_cleaned_ = false;            // under writing_
    std::mutex mutex_;
    std::condition_variable wake_;
    std::map<int64_t, Query> queries_;  // running, or not yet written
    size_t waiting_ = 0;                // of them, those with something to write
    int64_t last_query_ = 0;
    bool has_work_ = false;
    bool is_ending_ = false;
    std::thread thread_;  // from the first statement on
};

}  // namespace tarn::catalog
