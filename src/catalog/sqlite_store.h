// The store in one SQLite file (WAL): the embedded default, shared by the processes of one machine.
// On a full disk it can still be read, from a copy in memory that is taken anew for each call.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/migrations.h"
#include "catalog/sqlite_database.h"
#include "catalog/store.h"

namespace tarn::catalog {

class SqliteStore final : public Store {
public:
    // How long a statement waits for another process's write transaction.
    static constexpr int kBusyTimeoutMs = 20'000;

    // `path` is <lake>/.tarn/catalog.db; its folder is made with it, at the first write. Opens
    // nothing yet.
    SqliteStore(std::string path, std::vector<Migration> migrations, Clock& clock, Random& random,
                Durability durability = Durability::kMachine);
    ~SqliteStore() override;

    bool Read(const Work& work) override;
    void Write(const Work& work) override;
    uint64_t ChangeCounter() override;

private:
    bool OpenIfThere();
    bool OpenForReading();
    void Prepare();
    void MakeFile();
    void Migrate();
    void FollowLake();
    void InTransaction(const char* begin, const Work& work);

    const std::string path_;
    const std::vector<Migration> migrations_;
    Clock& clock_;
    Random& random_;
    const Durability durability_;
    std::mutex mutex_;
    std::unique_ptr<SqliteDatabase> database_;
    bool is_copy_ = false;
    // The counter as it was at SQLite's data_version; own writes do not change that, so they forget
    // it.
    bool counter_known_ = false;
    int64_t data_version_ = 0;
    uint64_t counter_ = 0;
};

}  // namespace tarn::catalog
