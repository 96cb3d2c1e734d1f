#include "delta/commit_reader.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "delta/action_parse.h"

namespace tarn::delta {
namespace {

// Fits the cache of a core.
constexpr uint64_t kPieceBytes = 1ULL << 20;
// A line that reaches further beyond its piece is read with its whole file.
constexpr uint64_t kMaxLineRest = 4ULL << 20;
constexpr uint64_t kRestStep = 64ULL << 10;
// Smaller logs are read by the thread that asks.
constexpr uint64_t kParallelBytes = 1ULL << 20;
constexpr size_t kParallelFiles = 64;
constexpr size_t kFilesPerTask = 32;
constexpr size_t kTasksAhead = 64;
constexpr unsigned kMaxThreads = 16;

// Bytes of a file whose lines begin there; `last` is behind them.
struct Piece {
    size_t file = 0;
    uint64_t first = 0;
    uint64_t last = 0;
    bool is_whole = true;
};

class Collector final : public ActionSink {
public:
    explicit Collector(CommitActions& actions) : actions_(actions) {}

    void TakeAdd(const ParsedAdd& add) override {
        actions_.keys.push_back(KeyOf(add.file.path, add.file.deletion_vector));
        actions_.adds.Append(add);
    }
    void Take(Action&& action) override { actions_.others.push_back(std::move(action)); }

private:
    CommitActions& actions_;
};

struct Outcome {
    std::optional<CommitActions> actions;  // nothing: not one object a line
    std::exception_ptr failure;
};

// Pieces that are read at one go.
struct Task {
    std::vector<Piece> pieces;
    std::vector<Outcome> outcomes;
    bool is_done = false;
};

std::vector<Task> MakeTasks(const std::vector<storage::ObjectInfo>& files) {
    std::vector<Task> tasks;
    uint64_t bytes = kPieceBytes;  // of the last task
    const auto add = [&](const Piece& piece, uint64_t size) {
        bytes += size;
        if (bytes > kPieceBytes || tasks.back().pieces.size() == kFilesPerTask) {
            tasks.emplace_back();
            bytes = size;
        }
        tasks.back().pieces.push_back(piece);
    };
    for (size_t file = 0; file < files.size(); ++file) {
        const uint64_t size = files[file].size_bytes;
        if (size <= 2 * kPieceBytes) {
            add({file, 0, size, true}, size + 1);
            continue;
        }
        for (uint64_t first = 0; first < size; first += kPieceBytes) {
            const uint64_t last = std::min(first + kPieceBytes, size);
            add({file, first, last, false}, last - first);
        }
    }
    return tasks;
}

}  // namespace

// Reads pieces on one thread.
class CommitReader::Worker {
public:
    Worker(storage::ObjectStore& store, const std::vector<storage::ObjectInfo>& files)
        : store_(store), files_(files) {}

    void Run(Task& task) {
        for (const Piece& piece : task.pieces) {
            Outcome& outcome = task.outcomes.emplace_back();
            try {
                outcome.actions = Read(piece);
            } catch (const std::exception&) {
                outcome.failure = std::current_exception();
            }
        }
    }

    // A file by itself, whatever its layout.
    CommitActions ReadWhole(size_t file) {
        CommitActions actions = Empty();
        Collector sink(actions);
        const std::string& location = files_[file].location;
        reader_.ReadText(store_.Get(location), location, sink);
        return actions;
    }

private:
    CommitActions Empty() const { return {FileRows(arena_), {}, {}}; }

    std::optional<CommitActions> Read(const Piece& piece) {
        const auto text = piece.is_whole ? Get(piece.file) : LinesOf(piece);
        CommitActions actions = Empty();
        Collector sink(actions);
        if (!text || !reader_.ReadLines(*text, sink)) return std::nullopt;
        return actions;
    }

    std::string_view Get(size_t file) {
        buffer_ = store_.Get(files_[file].location);
        return buffer_;
    }

    // The lines that begin in the piece; nothing when the last of them is too long.
    std::optional<std::string_view> LinesOf(const Piece& piece) {
        if (!object_ || object_->Info().location != files_[piece.file].location) {
            object_ = store_.OpenReader(files_[piece.file].location);
        }
        const uint64_t size = files_[piece.file].size_bytes;
        // The byte before tells whether a line begins with the first.
        const uint64_t from = piece.first == 0 ? 0 : piece.first - 1;
        uint64_t end = piece.last;
        Fill(from, 0, end);
        size_t begin = 0;
        if (piece.first > 0) {
            const size_t line_end = Text(end - from).find('\n');
            if (line_end == std::string_view::npos) return std::string_view();
            begin = line_end + 1;
        }
        if (from + begin == piece.last) return std::string_view();
        size_t length = end - from;
        size_t line_end = Text(length).back() == '\n' ? length : std::string_view::npos;
        while (line_end == std::string_view::npos && end < size) {
            if (end - piece.last >= kMaxLineRest) return std::nullopt;
            const uint64_t next = std::min(end + kRestStep, size);
            Fill(end, length, next);
            end = next;
            line_end = Text(end - from).find('\n', length);
            length = end - from;
        }
        return Text(std::min(line_end, length)).substr(begin);
    }

    void Fill(uint64_t first, size_t at, uint64_t last) {
        const size_t size = last - first;
        if (buffer_.size() < at + size) buffer_.resize(at + size);
        object_->ReadAt(first, buffer_.data() + at, size);
    }
    std::string_view Text(size_t size) const { return std::string_view(buffer_).substr(0, size); }

    storage::ObjectStore& store_;
    const std::vector<storage::ObjectInfo>& files_;
    std::shared_ptr<TextArena> arena_ = std::make_shared<TextArena>();
    ActionReader reader_;
    std::string buffer_;
    std::unique_ptr<storage::ObjectReader> object_;
};

struct CommitReader::Shared {
    Shared(storage::ObjectStore& object_store, std::vector<storage::ObjectInfo> log_files)
        : store(object_store),
          files(std::move(log_files)),
          tasks(MakeTasks(files)),
          own(store, files) {}

    void Start();
    void Stop();
    void Work();
    // Blocks until the task is done; without threads it does it.
    Task& Await(size_t task);

    storage::ObjectStore& store;
    const std::vector<storage::ObjectInfo> files;
    std::vector<Task> tasks;
    Worker own;  // of the thread that asks
    std::vector<std::thread> threads;

    size_t task = 0;   // whose pieces are given next
    size_t piece = 0;  // of them

    std::mutex mutex;
    std::condition_variable done;
    std::condition_variable room;
    size_t next_task = 0;
    size_t awaited = 0;
    bool is_stopped = false;
};

void CommitReader::Shared::Start() {
    uint64_t bytes = 0;
    for (const storage::ObjectInfo& file : files) bytes += file.size_bytes;
    if (bytes < kParallelBytes && files.size() < kParallelFiles) return;
    const unsigned cores = std::min(std::thread::hardware_concurrency(), kMaxThreads);
    const size_t count = std::min<size_t>(cores, tasks.size());
    if (count < 2) return;
    for (size_t i = 0; i < count; ++i) threads.emplace_back([this] { Work(); });
}

void CommitReader::Shared::Stop() {
    {
        const std::lock_guard lock(mutex);
        is_stopped = true;
    }
    room.notify_all();
    for (std::thread& thread : threads) thread.join();
}

void CommitReader::Shared::Work() {
    Worker worker(store, files);
    std::unique_lock lock(mutex);
    while (true) {
        room.wait(lock, [&] {
            return is_stopped || next_task == tasks.size() || next_task < awaited + kTasksAhead;
        });
        if (is_stopped || next_task == tasks.size()) return;
        Task& mine = tasks[next_task++];
        lock.unlock();
        worker.Run(mine);
        lock.lock();
        mine.is_done = true;
        done.notify_one();
    }
}

Task& CommitReader::Shared::Await(size_t number) {
    Task& wanted = tasks[number];
    if (threads.empty()) {
        if (!wanted.is_done) own.Run(wanted);
        wanted.is_done = true;
        return wanted;
    }
    std::unique_lock lock(mutex);
    awaited = std::max(awaited, number);
    room.notify_all();
    done.wait(lock, [&] { return wanted.is_done; });
    return wanted;
}

CommitReader::CommitReader(storage::ObjectStore& store, std::vector<storage::ObjectInfo> files)
    : shared_(std::make_unique<Shared>(store, std::move(files))) {
    shared_->Start();
}

CommitReader::~CommitReader() { shared_->Stop(); }

void CommitReader::Next(const std::function<void(CommitActions&&)>& take) {
    Check(next_file_ < shared_->files.size(), "there is a next file");
    const size_t file = next_file_++;
    std::vector<CommitActions> parts;
    bool is_by_lines = true;
    std::exception_ptr failure;
    while (shared_->task < shared_->tasks.size()) {
        Task& task = shared_->Await(shared_->task);
        if (shared_->piece == task.pieces.size()) {
            task = {};
            ++shared_->task;
            shared_->piece = 0;
            continue;
        }
        if (task.pieces[shared_->piece].file != file) break;
        Outcome& outcome = task.outcomes[shared_->piece++];
        if (!failure) failure = outcome.failure;
        is_by_lines = is_by_lines && outcome.actions;
        if (is_by_lines) parts.push_back(*std::move(outcome.actions));
    }
    if (failure) std::rethrow_exception(failure);
    if (!is_by_lines) return take(shared_->own.ReadWhole(file));
    for (CommitActions& part : parts) take(std::move(part));
}

}  // namespace tarn::delta
