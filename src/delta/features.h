// What a table demands of its readers and writers (PROTOCOL.md, "Table Features"), held against
// what Tarn can do. A feature that is not known, or known but beyond this Tarn, is refused by its
// name. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "table/snapshot.h"
#include "table/type.h"

namespace tarn::delta {

// Unsupported naming the feature or version; Corrupt when the list of features is missing.
void CheckReadable(const Protocol& protocol);

// Unsupported naming the feature that this change would have to honour and Tarn cannot;
// InvalidInput when the table forbids the change (append-only).
void CheckWritable(const Protocol& protocol, const Metadata& metadata, table::RowsThere rows);

// Features in force for writers: those listed, or those that an older writer version implies.
std::vector<std::string> WriterFeatures(const Protocol& protocol);
bool HasReaderFeature(const Protocol& protocol, const std::string& name);
bool HasWriterFeature(const Protocol& protocol, const std::string& name);

// The lowest protocol that the table's columns, rules and properties allow, never below `current`.
// Unsupported for a property that switches on what Tarn cannot write.
Protocol RequiredProtocol(const Protocol& current, const table::TableMetadata& description);

// The feature's name as Tarn spells it, case ignored; nothing when Tarn knows none of it.
std::optional<std::string> KnownFeature(const std::string& name);
// Do readers have to know it, too.
bool IsReaderFeature(const std::string& name);
// Features that the protocol lists, or that its versions imply to readers and writers together.
std::vector<std::string> FeaturesOf(const Protocol& protocol);
// Those of the protocol that stand on the feature.
std::vector<std::string> DependentsOn(const Protocol& protocol, const std::string& name);
// The protocol with the features of another one beside its own.
Protocol WithFeaturesOf(Protocol protocol, const Protocol& other);
// The weakest protocol with just these features: versions without a list where those imply the
// same.
Protocol WeakestProtocol(const std::vector<std::string>& features);

// The protocol of a new plain table: reader 1, writer 2.
Protocol PlainProtocol();

// Is a boolean property set to true.
bool IsEnabled(const std::map<std::string, std::string>& configuration, const std::string& key);

// Properties that speak of the protocol and are not kept ("delta.minReaderVersion",
// "delta.feature.*").
bool IsProtocolProperty(const std::string& key);

}  // namespace tarn::delta
