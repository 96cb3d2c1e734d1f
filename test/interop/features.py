"""The tables of the matrix, one a feature: how Tarn makes and changes each. Expressions are words that Tarn, Spark and
DataFusion read alike.
"""
from dataclasses import dataclass, field

COLUMNS = "k BIGINT, v STRING, d DATE, s STRUCT<a: INT, b: STRING>"
SELECT = ("k", "{text}", "CAST(d AS STRING)", "s['a']", "s['b']")
VECTORS = {"delta.enableDeletionVectors": "true"}
FEED = {"delta.enableChangeDataFeed": "true"}
BY_NAME = {"delta.columnMapping.mode": "name"}
BY_ID = {"delta.columnMapping.mode": "id"}
SET_BY_NAME = "ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"
RENAME = ("ALTER TABLE {t} RENAME COLUMN v TO `the text`", "ALTER TABLE {t} DROP COLUMN gone",
          "ALTER TABLE {t} RENAME COLUMN s.b TO c")
CLUSTERED = "CLUSTER BY (k)"
PARTITIONED = "PARTITIONED BY (d)"
ROW_IDS = ("_metadata.row_id", "_metadata.row_commit_version")


@dataclass(frozen=True)
class Extra:
    """A column beyond the four: how to compare it, and what Tarn and Spark put there (None: they leave it out)."""
    column: str
    shown: str
    ours: str = None
    theirs: str = None

    @property
    def name(self):
        return self.column.split()[0]


@dataclass(frozen=True)
class Feature:
    name: str
    properties: dict = field(default_factory=dict)
    clauses: str = ""
    extra: tuple = ()
    key: str = "k BIGINT"
    alter: tuple = ("ALTER TABLE {t} ADD COLUMN added INT",)
    text_after: str = "v"
    shown_after: tuple = ()  # None as an entry: what that extra column shows no longer
    has_feed: bool = False
    has_row_ids: bool = False
    # Properties that Tarn cannot switch on yet: written into the first commit by hand.
    by_hand: dict = field(default_factory=dict)

    @property
    def file_name(self):
        return "".join(letter if letter.isalnum() else "_" for letter in self.name)

    def create(self, path):
        columns = COLUMNS.replace("k BIGINT", self.key) + "".join(", " + extra.column for extra in self.extra)
        properties = ", ".join(f"'{key}' = '{value}'" for key, value in self.properties.items())
        return (f"CREATE TABLE delta.`{path}` ({columns}) {self.clauses}"
                + (f" TBLPROPERTIES ({properties})" if properties else ""))

    @property
    def has_vectors(self):
        is_dropped = any("deletionVectors" in step for step in self.alter)
        return VECTORS.items() <= self.properties.items() and not is_dropped

    @property
    def may_delete(self):
        return "delta.appendOnly" not in self.properties

    def select(self, is_altered, with_row_ids, grown=()):
        """What readers compare: key and text first, behind the extras the `grown` columns, the row's id last."""
        shown = [item.format(text=f"`{self.text_after}`" if is_altered else "v") for item in SELECT]
        if is_altered and self.text_after != "v":
            shown[-1] = "s['c']"
        if is_altered and self.shown_after:
            shown += [item for item in self.shown_after if item]
        else:
            shown += [extra.shown for extra in self.extra]
        shown += grown
        shown += ROW_IDS if with_row_ids and self.has_row_ids else ()
        return ", ".join(f"{item} AS c{number}" for number, item in enumerate(shown))

    def _given(self, is_altered):
        return [extra for extra in self.extra if extra.ours and not (is_altered and extra.name == "gone")]

    def given_columns(self, is_altered):
        """Those that Tarn's rows have; the table fills in the rest."""
        text = f"`{self.text_after}`" if is_altered else "v"
        return ["k", text, "d", "s", *(extra.name for extra in self._given(is_altered))]

    def rows(self, first, count, is_altered=False):
        text = f"`{self.text_after}`" if is_altered else "v"
        inner = "c" if is_altered and self.text_after != "v" else "b"
        more = "".join(f", {extra.ours} AS {extra.name}" for extra in self._given(is_altered))
        return (f"SELECT i AS k, 'v' || i AS {text}, CAST('2024-01-01' AS DATE) + CAST(i % 3 AS INT) AS d, "
                f"{{'a': CAST(i AS INT), '{inner}': 'b' || (i % 7)}} AS s{more} "
                f"FROM range({first}, {first + count}) r(i)")

    def row_of_spark(self, key, text):
        """Names and values of a row to insert, after the ALTER."""
        inner = "c" if self.text_after != "v" else "b"
        given = [extra for extra in self.extra if extra.theirs and extra.name != "gone"]
        names = ["k", f"`{self.text_after}`", "d", "s", *(extra.name for extra in given)]
        values = [str(key), f"'{text}'", "DATE'2024-02-01'", f"named_struct('a', 1, '{inner}', 'x')",
                  *(extra.theirs for extra in given)]
        return ", ".join(names), ", ".join(values)


GONE = Extra("gone INT", "gone", "CAST(i AS INT)")
MOMENT = Extra("w TIMESTAMP_NTZ", "date_part('hour', w)", "TIMESTAMP '2024-01-01 10:00:00'",
               "TIMESTAMP_NTZ'2024-01-01 11:00:00'")
LIST = Extra("l BIGINT[]", "CAST(array_contains(l, k) AS STRING)", "[i, NULL]", "array(7L)")
MAP = Extra("m MAP(VARCHAR, BIGINT)", "CAST(array_contains(map_values(m), k) AS STRING)", "MAP {'a': i}",
            "map('a', 7L)")
VARIANT = ("{'n': i, 'l': [i, NULL], 't': 'long ' || repeat('x', 60)}::VARIANT",
           """parse_json('{"n": 7, "o": {"d": 1.5}}')""")
TRACKED = {"has_row_ids": True, "by_hand": {
    "delta.enableRowTracking": "true", "delta.rowTracking.materializedRowIdColumnName": "_row-id-by-hand",
    "delta.rowTracking.materializedRowCommitVersionColumnName": "_version-by-hand"}}
TRACKS = {"delta.feature.domainMetadata": "supported", "delta.feature.rowTracking": "supported"}
MAPPED = {"extra": (GONE,), "alter": RENAME, "text_after": "the text", "shown_after": (None,)}
WIDENS = {"delta.enableTypeWidening": "true"}
WIDENED = Extra("n INT", "n", "CAST(i AS INT)", "7")
WIDEN = ("ALTER TABLE {t} ALTER COLUMN n TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN s.a TYPE BIGINT")
DROP = "ALTER TABLE {t} DROP FEATURE {feature}"
FEATURES = [
    Feature("plain"),
    Feature("partitioned", clauses=PARTITIONED),
    Feature("statistics as structs", {"delta.checkpoint.writeStatsAsStruct": "true",
                                      "delta.checkpoint.writeStatsAsJson": "false"}),
    Feature("appendOnly", {"delta.appendOnly": "true"}),
    Feature("invariants (NOT NULL)", key="k BIGINT NOT NULL"),
    Feature("checkConstraints", alter=("ALTER TABLE {t} ADD CONSTRAINT positive CHECK (k >= 0)",)),
    Feature("generatedColumns", extra=(Extra("y BIGINT GENERATED ALWAYS AS (k * 2)", "y"),)),
    Feature("generatedColumns with year()", extra=(Extra("y INT GENERATED ALWAYS AS (year(d))", "y"),)),
    Feature("identityColumns", extra=(Extra("n BIGINT GENERATED BY DEFAULT AS IDENTITY", "n"),)),
    Feature("allowColumnDefaults", {"delta.feature.allowColumnDefaults": "supported"},
            extra=(Extra("e STRING DEFAULT 'none'", "e"),)),
    Feature("changeDataFeed", FEED, has_feed=True),
    Feature("changeDataFeed, deletionVectors", {**FEED, **VECTORS}, has_feed=True),
    Feature("changeDataFeed, partitioned", FEED, PARTITIONED, has_feed=True),
    Feature("deletionVectors", VECTORS),
    Feature("deletionVectors, partitioned", VECTORS, PARTITIONED),
    Feature("columnMapping by name", BY_NAME, **MAPPED),
    Feature("columnMapping by id", BY_ID, **MAPPED),
    Feature("columnMapping by upgrade", **{**MAPPED, "alter": (SET_BY_NAME, *RENAME)}),
    Feature("columnMapping, deletionVectors, partitioned", {**BY_NAME, **VECTORS}, PARTITIONED, **MAPPED),
    Feature("timestampNtz", extra=(MOMENT,)),
    # delta-rs has variants as structs of bytes, which it cannot cast: their texts are compared in the next table only.
    Feature("variantType", extra=(Extra("x VARIANT", "CAST(x IS NOT NULL AS STRING)", *VARIANT),)),
    Feature("variantType, shredded", {"delta.enableVariantShredding": "true", **VECTORS, **FEED},
            extra=(Extra("x VARIANT", "CAST(x AS STRING)", *VARIANT),), has_feed=True),
    Feature("icebergCompatV1, partitioned", {"delta.enableIcebergCompatV1": "true"}, PARTITIONED, **MAPPED),
    Feature("icebergCompatV2, partitioned", {"delta.enableIcebergCompatV2": "true"}, PARTITIONED,
            **{**MAPPED, "extra": (GONE, LIST, MAP), "shown_after": (None, LIST.shown, MAP.shown)}),
    Feature("typeWidening", WIDENS, extra=(WIDENED,), alter=WIDEN),
    Feature("v2Checkpoint", {"delta.checkpointPolicy": "v2"}),
    Feature("v2Checkpoint, deletionVectors", {"delta.checkpointPolicy": "v2", **VECTORS}),
    Feature("vacuumProtocolCheck", {"delta.feature.vacuumProtocolCheck": "supported"}),
    Feature("domainMetadata", {"delta.feature.domainMetadata": "supported"}),
    Feature("clustering", clauses=CLUSTERED),
    Feature("clustering, deletionVectors", VECTORS, CLUSTERED),
    Feature("rowTracking", TRACKS, **TRACKED),
    Feature("rowTracking, deletionVectors", {**TRACKS, **VECTORS}, **TRACKED),
    Feature("inCommitTimestamp", {"delta.feature.inCommitTimestamp": "supported"},
            by_hand={"delta.enableInCommitTimestamps": "true"}),
    Feature("deletionVectors, dropped", VECTORS, alter=(DROP.format(feature="deletionVectors", t="{t}"),)),
    Feature("columnMapping, dropped", BY_NAME, PARTITIONED, extra=(GONE,), shown_after=(None,), text_after="w",
            alter=("ALTER TABLE {t} RENAME COLUMN v TO w", *RENAME[1:],
                   DROP.format(feature="columnMapping", t="{t}"))),
    Feature("typeWidening, dropped", WIDENS, extra=(WIDENED,),
            alter=(*WIDEN, DROP.format(feature="typeWidening", t="{t}"))),
    Feature("v2Checkpoint, dropped", {"delta.checkpointPolicy": "v2"},
            alter=(DROP.format(feature="v2Checkpoint", t="{t}"),)),
    Feature("rowTracking, dropped", {"delta.enableRowTracking": "true"},
            alter=(DROP.format(feature="rowTracking", t="{t}"), DROP.format(feature="domainMetadata", t="{t}"))),
]
