"""`tarn quarantine`: what waits is listed, shown, replayed and discarded."""

import json
import os
import unittest

from lake import LakeTest, tarn

MODEL = """{{ config(materialized='incremental') }}
select try_cast(id as integer) as id, amount, id as raw from {{ stream(source('bronze', 'events')) }}
"""
YAML = """models:
  - name: events
    config: {quarantine_columns: [raw]}
    expectations:
      - {name: has_id, condition: id IS NOT NULL, action: quarantine}
      - {name: positive, condition: amount > 0, action: quarantine}
"""


class QuarantineTest(LakeTest):
    def setUp(self):
        super().setUp()
        folder = os.path.join(self.lake, "models", "silver")
        os.makedirs(folder)
        for name, text in (("events.sql", MODEL), ("s.yml", YAML)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(text)
        made = self.sql("CREATE SCHEMA bronze; CREATE TABLE bronze.events (id VARCHAR, amount INTEGER); "
                        "INSERT INTO bronze.events VALUES ('1', 5), ('x', 7), ('2', -3), ('y', -4)")
        self.assertEqual(made.returncode, 0, made.stderr)
        built = tarn("build", "--lake", self.lake)
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)

    def quarantine(self, *arguments, code=0):
        run = tarn("quarantine", *arguments, "--lake", self.lake)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run

    def json(self, *arguments):
        return json.loads(self.quarantine(*arguments, "--format", "json").stdout)

    def test_what_waits_is_listed_and_shown(self):
        [table] = self.json("list")
        self.assertEqual((table["table"], table["rows"], table["rules"], table["sources"]),
                         ("quarantine.events", 3, {"has_id": 2, "positive": 2}, ["silver.events"]))
        self.assertIn("has_id 2", self.quarantine("list").stdout)
        shown = self.json("show", "events", "--rule", "positive", "--where", "raw = 'y'")
        self.assertIn("has_id,positive", json.dumps(shown))
        self.assertNotIn('"x"', json.dumps(shown))
        self.quarantine("show", "evnts", code=1)
        self.quarantine("show", "events", "--where", "nothing = 1", code=2)

    def test_a_replay_writes_what_passes(self):
        fix = ("--set", "amount = abs(amount)", "--set", "id = coalesce(id, 9)", "--where", "raw <> 'y'")
        dry = self.json("replay", "silver.events", *fix, "--dry-run")
        self.assertEqual((dry["rows_in"], dry["rows_written"], dry["run_number"]), (2, 2, None))
        done = self.json("replay", "silver.events", *fix)
        self.assertEqual((done["rows_in"], done["rows_written"], done["rows_quarantined"]), (2, 2, 0))
        self.assertEqual(self.rows("SELECT id, amount FROM silver.events ORDER BY id"),
                         [["1", "5"], ["2", "3"], ["9", "7"]])
        self.assertEqual(self.json("replay", "silver.events", *fix)["rows_in"], 0)
        self.assertIn("waiting on", self.quarantine("replay", "events").stdout)
        self.quarantine("replay", "events", "--set", "amonut = 1", code=2)

    def test_nothing_is_discarded_without_a_word(self):
        self.quarantine("discard", "events", code=2)
        self.quarantine("discard", "events", "--reason", "sent again", code=2)
        self.assertEqual(self.json("list")[0]["rows"], 3)
        self.json("discard", "events", "--reason", "sent again", "--dry-run")
        self.assertEqual(self.json("list")[0]["rows"], 3)
        gone = self.json("discard", "events", "--rule", "has_id", "--reason", "sent again", "--yes")
        self.assertEqual((gone["rows_waiting"], gone["rows_discarded"]), (3, 2))
        self.assertEqual(self.json("list")[0]["rules"], {"positive": 1})
        [[sample]] = self.rows("SELECT sample FROM ops.quality WHERE action = 'discard'")
        self.assertEqual(json.loads(sample)["reason"], "sent again")
        self.assertTrue(json.loads(sample)["by"])


if __name__ == "__main__":
    unittest.main()
