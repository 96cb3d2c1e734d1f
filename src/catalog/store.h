// Where the catalog keeps its rows: short transactions over plain SQL that SQLite and PostgreSQL
// both understand (parameters are ?1, ?2, ...). Only implementations know their database.
// Thread-safe; a work must not call the store again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tarn::catalog {

// A cell of a row or a parameter; monostate is NULL.
using Cell = std::variant<std::monostate, int64_t, std::string>;
using Cells = std::vector<Cell>;

// The cell as what the query is known to give; Internal when it is something else.
int64_t IntOf(const Cell& cell);
const std::string& TextOf(const Cell& cell);

// One open transaction.
class Connection {
public:
    virtual ~Connection() = default;
    virtual std::vector<Cells> Query(std::string_view sql, const Cells& parameters = {}) = 0;
    // Gives the number of rows changed.
    virtual int64_t Execute(std::string_view sql, const Cells& parameters = {}) = 0;
    // The key that the last INSERT of this transaction was given.
    virtual int64_t LastInsertKey() = 0;
};

class Store {
public:
    using Work = std::function<void(Connection&)>;

    virtual ~Store() = default;
    // Runs the work on one state of the rows. false, and nothing runs, when nothing was ever
    // written. Unavailable, Corrupt, Unsupported (a newer schema number).
    virtual bool Read(const Work& work) = 0;
    // Runs the work alone among all writers and commits; an exception of the work undoes all of it.
    // Makes the store when there is none. Unavailable (busy, I/O), LimitExceeded (disk full),
    // PermissionDenied.
    virtual void Write(const Work& work) = 0;
    // The value of state.change_counter, 0 when nothing was ever written. Cheap.
    virtual uint64_t ChangeCounter() = 0;
};

}  // namespace tarn::catalog
