"""Row ids that were lost or given twice in tables with row tracking: each a test, named for it."""
import unittest

from writing import VECTORS, WritingTest

MATERIALIZED = {"delta.enableRowTracking": "true",
                "delta.rowTracking.materializedRowIdColumnName": "_row-id-col-1",
                "delta.rowTracking.materializedRowCommitVersionColumnName": "_row-commit-version-col-1"}
IDS = "SELECT k, _metadata.row_id FROM {t} ORDER BY k"


class RowIdMuseum(WritingTest):
    def tracked(self, properties=VECTORS):
        """An empty table, with vectors unless told, whose rows are tracked from now on, as another writer would make
        it."""
        self.create("k BIGINT, v VARCHAR", properties)
        metadata, protocol = self.actions(0, "metaData")[0], self.actions(0, "protocol")[0]
        metadata["configuration"].update(MATERIALIZED)
        protocol["writerFeatures"] = sorted({*protocol["writerFeatures"], "rowTracking", "domainMetadata"})
        self.commit({"protocol": protocol}, {"metaData": metadata},
                    {"domainMetadata": {"domain": "delta.rowTracking", "configuration": '{"rowIdHighWaterMark":-1}',
                                        "removed": False}})

    def ids(self):
        return {row[0]: int(row[1]) for row in self.rows(IDS)}

    def test_ids_given_twice_by_writers_at_once(self):
        """Delta 1723, 4053: ids were drawn above the mark of the version that was read; a commit carried over
        another one must draw them anew, or rows of both have the same."""
        self.tracked()
        other = self.open()
        self.run_all("BEGIN", "INSERT INTO {t} SELECT i, 'theirs' FROM range(10, 15) r(i)", session=other)
        self.run_all("INSERT INTO {t} SELECT i, 'mine' FROM range(5) r(i)")
        answer = other.answer("COMMIT")
        if "error" in answer:
            self.assertEqual(answer["error"]["kind"], "Conflict")
            self.run_all("INSERT INTO {t} SELECT i, 'theirs' FROM range(10, 15) r(i)", session=other)
        self.assertEqual(sorted(self.ids().values()), list(range(10)))
        self.run_all("INSERT INTO {t} VALUES (100, 'more')", session=self.open())
        self.assertEqual(self.ids()["100"], 10)

    def test_ids_lost_in_changes(self):
        """Delta 2936: UPDATE and MERGE gave the rows that they wrote anew new ids, and so lost which row became
        which."""
        self.tracked()
        self.run_all("INSERT INTO {t} SELECT i, 'old' FROM range(10) r(i)")
        before = self.ids()
        self.run_all("UPDATE {t} SET v = 'new' WHERE k = 3", "DELETE FROM {t} WHERE k = 9",
                     "MERGE INTO {t} USING (SELECT i AS k FROM range(5, 8) r(i)) s ON {t}.k = s.k "
                     "WHEN MATCHED AND s.k = 5 THEN DELETE WHEN MATCHED THEN UPDATE SET v = 'merged' "
                     "WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, 'in')",
                     "UPDATE {t} SET v = 'twice' WHERE k IN (3, 6)")
        del before["9"], before["5"]
        self.assertEqual(self.ids(), before)

    def test_ids_lost_in_copies(self):
        """Where rows move to other files, by copy-on-write or OPTIMIZE, their ids go along. Tarn's own: the copying
        scan ended as Internal, for it knew no row ids."""
        self.tracked({"delta.feature.domainMetadata": "supported"})
        self.run_all("INSERT INTO {t} SELECT i, 'old' FROM range(10) r(i)",
                     "INSERT INTO {t} SELECT i, 'old' FROM range(10, 20) r(i)")
        before = self.ids()
        self.run_all("UPDATE {t} SET v = 'new' WHERE k IN (3, 13)", "DELETE FROM {t} WHERE k = 9", "OPTIMIZE {t}",
                     "UPDATE {t} SET v = 'again' WHERE k = 3")
        del before["9"]
        self.assertEqual(self.ids(), before)


if __name__ == "__main__":
    unittest.main()
