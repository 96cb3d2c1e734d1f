// Which process of which machine did something, and whether it is still there: what a lease and the
// history of statements know their owners by.
#pragma once

#include <cstdint>
#include <string>

namespace tarn::catalog {

struct ProcessIdentity {
    // The machine since its last start, and the space of process ids: ids mean something only
    // within it.
    std::string host;
    int64_t process = 0;
    std::string started;  // in clock ticks: a process id is used again, this not

    static ProcessIdentity OfThis();
    // false where it cannot be known: in another space of process ids (a container).
    bool IsGone() const;
    // It ran before this machine was started.
    bool IsOfEarlierBoot() const;
};

}  // namespace tarn::catalog
