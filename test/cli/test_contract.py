"""`tarn contract`: what holds a table to its contract, what a version breaks, and when it may be published."""

import json
import os
import unittest

from lake import LakeTest, tarn

EVENTS = """contract:
  name: user_interaction_events
  version: "{version}"
  owner: platform_team
  table: bronze.events
  schema:
    - name: event_id
      type: string
      nullable: false
    - name: {user}
      type: string
      nullable: false
    - name: event_type
      type: string
      allowed_values: [page_view, click]
    - name: occurred_at
      type: timestamp
  sla:
    max_delay_seconds: 300
    min_daily_volume: 1
  breaking_change_policy:
    notice_days: {days}
    approval_required_from: [data-platform-team]
{more}"""


class ContractTest(LakeTest):
    def write(self, version="2.0", user="user_id", days=0, more=""):
        folder = os.path.join(self.lake, "contracts")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "events.yml"), "w", encoding="utf-8") as out:
            out.write(EVENTS.format(version=version, user=user, days=days, more=more))

    def contract(self, *arguments):
        return tarn("contract", *arguments, "--lake", self.lake)

    def check(self):
        run = self.contract("check", "--format", "json")
        self.assertIn(run.returncode, (0, 1), run.stderr)
        [review] = json.loads(run.stdout)
        self.assertEqual(review["kept"], run.returncode == 0)
        return review

    def put(self, name, records):
        folder = os.path.join(self.lake, "in")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.writelines(json.dumps(record) + "\n" for record in records)

    def source(self, policy):
        folder = os.path.join(self.lake, "sources")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "s.yml"), "w", encoding="utf-8") as out:
            out.write(f"name: s\nroot: in\ntables:\n  - {{table: bronze.events, path: '*', format: ndjson, "
                      f"on_broken_contract: {policy}}}\n")

    def broken(self):
        return {one["promise"] for one in self.check()["promises"] if not one["kept"]}

    def fill(self, rows, user="user_id"):
        made = self.sql(
            f"CREATE SCHEMA IF NOT EXISTS bronze; CREATE OR REPLACE TABLE bronze.events (event_id VARCHAR, {user} "
            f"VARCHAR, event_type VARCHAR, occurred_at TIMESTAMPTZ); INSERT INTO bronze.events VALUES {rows}")
        self.assertEqual(made.returncode, 0, made.stderr)

    def test_a_table_is_held_to_its_contract(self):
        self.write()
        self.assertIn("bronze.events", self.check()["breaches"][0])
        good = "('a', 'u', 'click', now()), ('b', 'u', NULL, now() - INTERVAL 24 HOURS)"
        self.fill(good)
        review = self.check()
        self.assertTrue(review["kept"], review)
        self.fill(good + ", (NULL, 'u', 'clck', now() - INTERVAL 1 MINUTE)")
        self.assertEqual(self.broken(), {"event_id.not_null", "event_type.allowed_values"})
        self.fill("('a', 'u', 'click', now() - INTERVAL 10 DAYS)")
        self.assertEqual(self.broken(), {"sla.max_delay_seconds", "sla.min_daily_volume"})

    def test_each_promise_is_left_in_ops_quality(self):
        self.write()
        self.fill("('a', 'u', 'clck', now()), (NULL, 'u', 'click', now())")
        self.check()
        rows = self.rows(
            "SELECT rule, table_name, column_name, verdict, rows_checked, rows_failed, threshold FROM ops.quality "
            "WHERE action = 'contract' AND verdict <> 'pass' ORDER BY rule")
        name = "user_interaction_events"
        self.assertEqual(rows, [
            [f"{name}.event_id.not_null", "bronze.events", "event_id", "fail", "2", "1", "= 0"],
            [f"{name}.event_type.allowed_values", "bronze.events", "event_type", "fail", "2", "1", "= 0"],
            [f"{name}.sla.min_daily_volume", "bronze.events", None, "fail", "2", "1", ">= 1"]])
        self.assertEqual(self.rows("SELECT node, state FROM ops.runs"), [[f"contract:{name}", "failed"]])

    def test_ingestion_holds_the_version_in_force(self):
        self.write()
        self.assertEqual(self.contract("publish").returncode, 0)
        self.put("a", [{"event_id": "1", "user_id": "u", "event_type": "clck", "occurred_at": "2026-01-01"},
                       {"event_id": "2", "user_id": "u", "event_type": "click", "occurred_at": "2026-01-01"}])
        # Text is no timestamp: no row can be told by that, so that it is refused whatever is said.
        for policy in ("refuse", "quarantine"):
            self.source(policy)
            run = tarn("ingest", "--lake", self.lake)
            self.assertEqual(run.returncode, 1, run.stdout)
            self.assertIn("occurred_at", run.stdout)
        self.source("warn")
        run = tarn("ingest", "--lake", self.lake, "--format", "json")
        self.assertEqual(run.returncode, 0, run.stderr)
        [table] = json.loads(run.stdout)["tables"]
        self.assertEqual(table["rows_landed"], 2)
        self.assertIn("occurred_at", table["broken_promises"][0])

    def test_a_renamed_column_is_named(self):
        self.write()
        self.fill("('a', 'u', 'click', now())", user="userId")
        [breach] = self.check()["breaches"]
        self.assertIn("user_id", breach)
        self.assertIn("userId", breach)

    def test_a_version_says_what_it_breaks(self):
        self.write()
        self.assertEqual(self.contract("publish").returncode, 0)
        self.write(version="3.0", user="userId")
        run = self.contract("diff", "user_interaction_events", "--format", "json")
        self.assertEqual(run.returncode, 1, run.stderr)
        diff = json.loads(run.stdout)
        self.assertTrue(diff["breaking"])
        [gone] = [one for one in diff["changes"] if one["rule"] == "column-removed"]
        self.assertEqual(gone["likely_rename"], "userId")
        self.assertTrue(gone["breaks_consumers"])
        self.assertFalse(gone["breaks_producers"])

    def test_two_files_are_compared(self):
        self.write()
        was = os.path.join(self.lake, "was.yml")
        os.rename(os.path.join(self.lake, "contracts", "events.yml"), was)
        self.write(days=3)
        now = os.path.join(self.lake, "contracts", "events.yml")
        run = self.contract("diff", was, now, "--format", "json")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([one["rule"] for one in json.loads(run.stdout)["changes"]], ["policy-tightened"])

    def test_publishing_waits_for_notice_and_approval(self):
        self.write(days=14)
        self.assertEqual(self.contract("publish").returncode, 0)
        approved = "  approved_by: [data-platform-team]\n"
        self.write(version="3.0", user="userId", more=approved)
        self.assertEqual(self.contract("publish").returncode, 1)  # never announced
        self.assertEqual(self.contract("announce").returncode, 0)
        self.assertEqual(self.contract("publish").returncode, 1)  # 14 days are not over
        self.assertEqual(self.contract("diff", "user_interaction_events").returncode, 1)  # 2.0 is in force

    def test_publishing_waits_for_approval_alone(self):
        self.write()
        self.assertEqual(self.contract("publish").returncode, 0)
        self.write(version="3.0", user="userId")
        self.assertEqual(self.contract("publish").returncode, 1)
        self.write(version="2.1", user="userId", more="  approved_by: [data-platform-team]\n")
        self.assertEqual(self.contract("publish").returncode, 1)  # 2.1 does not say that it breaks
        self.write(version="3.0", user="userId", more="  approved_by: [data-platform-team]\n")
        self.assertEqual(self.contract("publish").returncode, 0)
        self.assertEqual(self.contract("diff", "user_interaction_events").returncode, 0)

    def test_mistakes_are_refused_with_their_place(self):
        self.write(more="  notice: 14\n")
        run = self.contract("check")
        self.assertEqual(run.returncode, 2)
        self.assertIn("contracts/events.yml:", run.stderr)
        self.write()
        run = self.contract("check", "user_interaction_event")
        self.assertEqual(run.returncode, 2)
        self.assertIn("user_interaction_events", run.stderr)


if __name__ == "__main__":
    unittest.main()
