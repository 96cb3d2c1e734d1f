// Identity of rows (PROTOCOL.md, "Row Tracking"): each file that a commit adds gets the numbers of
// its rows and the version they are of. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "table/version.h"

namespace tarn::delta {

inline constexpr int64_t kNoRowId = -1;
inline constexpr const char* kRowTrackingDomain = "delta.rowTracking";

// Does every new row get an id: the table supports row tracking, and it is not suspended.
bool AssignsRowIds(const Protocol& protocol, const std::map<std::string, std::string>& properties);

// The highest id that was given away; kNoRowId when none was. Corrupt when the domain is malformed.
int64_t RowIdHighWater(const std::map<std::string, DomainMetadata>& domains);

// InvalidInput when a file to be added does not tell how many rows it has.
void CheckRowsAreCounted(const std::vector<Action>& actions);

// Numbers the rows of the adds that have no number yet, from `high_water` on, and gives the new
// one.
int64_t AssignRowIds(std::vector<Action>& actions, table::Version version, int64_t high_water);

DomainMetadata RowIdDomain(int64_t high_water);

}  // namespace tarn::delta
