#include "delta/checkpoint_schema.h"

#include "delta/features.h"

namespace tarn::delta {
namespace {

void SetVector(ArrowSchema* file, int64_t place) {
    if (place == 0) return;
    ArrowSchema* const schema = file->children[place];
    SetStruct(schema, "deletionVector", 5);
    SetPrimitive(schema->children[0], "storageType", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[1], "pathOrInlineDv", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[2], "offset", NANOARROW_TYPE_INT32);
    SetPrimitive(schema->children[3], "sizeInBytes", NANOARROW_TYPE_INT32);
    SetPrimitive(schema->children[4], "cardinality", NANOARROW_TYPE_INT64);
}

void SetRowIds(ArrowSchema* file, int64_t place) {
    if (place == 0) return;
    SetPrimitive(file->children[place], "baseRowId", NANOARROW_TYPE_INT64);
    SetPrimitive(file->children[place + 1], "defaultRowCommitVersion", NANOARROW_TYPE_INT64);
}

// The same fields of adds and removes.
template <typename Fields>
void PlaceFeatures(Fields& fields, const Protocol& protocol) {
    if (HasReaderFeature(protocol, "deletionVectors")) fields.deletion_vector = fields.count++;
    if (HasWriterFeature(protocol, "rowTracking")) {
        fields.base_row_id = fields.count;
        fields.count += 2;
    }
}

void SetAdd(ArrowSchema* schema, const AddFields& fields, const ParsedColumns* parsed) {
    SetStruct(schema, "add", fields.count);
    SetPrimitive(schema->children[0], "path", NANOARROW_TYPE_STRING);
    SetTextMap(schema->children[1], "partitionValues");
    SetPrimitive(schema->children[2], "size", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[3], "modificationTime", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[4], "dataChange", NANOARROW_TYPE_BOOL);
    SetTextMap(schema->children[5], "tags");
    SetVector(schema, fields.deletion_vector);
    SetRowIds(schema, fields.base_row_id);
    if (fields.clustering_provider > 0) {
        SetPrimitive(schema->children[fields.clustering_provider], "clusteringProvider",
                     NANOARROW_TYPE_STRING);
    }
    if (fields.stats > 0) {
        SetPrimitive(schema->children[fields.stats], "stats", NANOARROW_TYPE_STRING);
    }
    if (fields.stats_parsed > 0) parsed->SetStatistics(schema->children[fields.stats_parsed]);
    if (fields.partitions_parsed > 0) {
        parsed->SetPartitions(schema->children[fields.partitions_parsed]);
    }
}

void SetRemove(ArrowSchema* schema, const RemoveFields& fields) {
    SetStruct(schema, "remove", fields.count);
    SetPrimitive(schema->children[0], "path", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[1], "deletionTimestamp", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[2], "dataChange", NANOARROW_TYPE_BOOL);
    SetPrimitive(schema->children[3], "extendedFileMetadata", NANOARROW_TYPE_BOOL);
    SetTextMap(schema->children[4], "partitionValues");
    SetPrimitive(schema->children[5], "size", NANOARROW_TYPE_INT64);
    SetVector(schema, fields.deletion_vector);
    SetRowIds(schema, fields.base_row_id);
}

void SetMetadata(ArrowSchema* schema) {
    SetStruct(schema, "metaData", 8);
    SetPrimitive(schema->children[0], "id", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[1], "name", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[2], "description", NANOARROW_TYPE_STRING);
    SetStruct(schema->children[3], "format", 2);
    SetPrimitive(schema->children[3]->children[0], "provider", NANOARROW_TYPE_STRING);
    SetTextMap(schema->children[3]->children[1], "options");
    SetPrimitive(schema->children[4], "schemaString", NANOARROW_TYPE_STRING);
    SetTextList(schema->children[5], "partitionColumns");
    SetPrimitive(schema->children[6], "createdTime", NANOARROW_TYPE_INT64);
    SetTextMap(schema->children[7], "configuration");
}

// Features are columns only where the protocol has them: empty lists elsewhere would be wrong.
void SetProtocol(ArrowSchema* schema, const Protocol& protocol) {
    const int64_t lists = (protocol.reader_features ? 1 : 0) + (protocol.writer_features ? 1 : 0);
    SetStruct(schema, "protocol", 2 + lists);
    SetPrimitive(schema->children[0], "minReaderVersion", NANOARROW_TYPE_INT32);
    SetPrimitive(schema->children[1], "minWriterVersion", NANOARROW_TYPE_INT32);
    int64_t next = 2;
    if (protocol.reader_features) SetTextList(schema->children[next++], "readerFeatures");
    if (protocol.writer_features) SetTextList(schema->children[next], "writerFeatures");
}

}  // namespace

AddFields::AddFields(const Protocol& protocol, bool with_json, const ParsedColumns* parsed) {
    PlaceFeatures(*this, protocol);
    if (HasWriterFeature(protocol, "clustering")) clustering_provider = count++;
    if (with_json) stats = count++;
    if (parsed == nullptr) return;
    stats_parsed = count++;
    if (parsed->HasPartitions()) partitions_parsed = count++;
}

RemoveFields::RemoveFields(const Protocol& protocol, bool has_vectors) {
    PlaceFeatures(*this, protocol);
    if (has_vectors && deletion_vector == 0) deletion_vector = count++;
}

void SetCheckpointSchema(ArrowSchema* schema, const CheckpointColumns& columns,
                         const AddFields& add, const RemoveFields& remove,
                         const ParsedColumns* parsed, const Protocol& protocol) {
    ArrowSchemaInit(schema);
    CheckArrow(ArrowSchemaSetTypeStruct(schema, columns.count));
    SetAdd(schema->children[CheckpointColumns::kAdd], add, parsed);
    SetRemove(schema->children[CheckpointColumns::kRemove], remove);
    if (columns.count == CheckpointColumns::kOfSidecar) return;
    ArrowSchema* const txn = schema->children[CheckpointColumns::kTxn];
    SetStruct(txn, "txn", 3);
    SetPrimitive(txn->children[0], "appId", NANOARROW_TYPE_STRING);
    SetPrimitive(txn->children[1], "version", NANOARROW_TYPE_INT64);
    SetPrimitive(txn->children[2], "lastUpdated", NANOARROW_TYPE_INT64);
    SetMetadata(schema->children[CheckpointColumns::kMetadata]);
    SetProtocol(schema->children[CheckpointColumns::kProtocol], protocol);
    if (columns.count == CheckpointColumns::kWithoutDomains) return;
    ArrowSchema* const domain = schema->children[CheckpointColumns::kDomain];
    SetStruct(domain, "domainMetadata", 3);
    SetPrimitive(domain->children[0], "domain", NANOARROW_TYPE_STRING);
    SetPrimitive(domain->children[1], "configuration", NANOARROW_TYPE_STRING);
    SetPrimitive(domain->children[2], "removed", NANOARROW_TYPE_BOOL);
}

}  // namespace tarn::delta
