// Clients of one process that append to one table at once: `tarn_bench_clients FOLDER CLIENTS
// STATEMENTS` runs so many small durable transactions in each client and prints, as JSON, how many
// were done, how many failed, and how long all took together. The table is made when it is not
// there.
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/executor.h"
#include "durability/disk_table.h"
#include "storage/local_store.h"

namespace tarn {
namespace {

struct Tally {
    std::mutex mutex;
    int done = 0;
    int failed = 0;
};

void BeClient(engine::Session& session, int client, int statements, Tally& tally) {
    for (int i = 0; i < statements; ++i) {
        const int64_t first = (static_cast<int64_t>(client) * statements + i) * 10;
        bool is_done = true;
        try {
            session.Run(fmt::format("INSERT INTO t SELECT i, i FROM range({}, {}) r(i)", first,
                                    first + 10));
        } catch (const Error& error) {
            is_done = false;
            fmt::print(stderr, "{}\n", error.what());
        }
        const std::lock_guard lock(tally.mutex);
        ++(is_done ? tally.done : tally.failed);
    }
}

int Main(const std::string& folder, int clients, int statements) {
    RealClock clock;
    storage::LocalStore disk;
    auto executor = std::make_unique<BackgroundExecutor>();
    durability::DiskTable table(disk, folder, clock, executor.get());
    if (!disk.Stat(folder + "/_delta_log/00000000000000000000.json")) {
        table.Run(
            fmt::format("CREATE TABLE t (k BIGINT, v BIGINT) USING DELTA LOCATION '{}'", folder));
    }
    std::vector<std::unique_ptr<engine::Session>> sessions;
    for (int i = 0; i < clients; ++i) sessions.push_back(table.Connect());
    Tally tally;
    std::vector<std::thread> threads;
    const DurationUs start = clock.Monotonic();
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back(
            [&, i] { BeClient(*sessions[static_cast<size_t>(i)], i, statements, tally); });
    }
    for (std::thread& thread : threads) thread.join();
    executor.reset();
    const auto seconds = static_cast<double>((clock.Monotonic() - start).count()) / 1e6;
    fmt::print("{{\"done\": {}, \"failed\": {}, \"seconds\": {}}}\n", tally.done, tally.failed,
               seconds);
    return 0;
}

}  // namespace
}  // namespace tarn

int main(int argc, char** argv) {
    if (argc != 4) {
        fmt::print(stderr, "usage: tarn_bench_clients FOLDER CLIENTS STATEMENTS\n");
        return 2;
    }
    return tarn::Main(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
}
