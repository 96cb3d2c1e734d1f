"""Pseudonyms of a person's data: macros of every project and SQL functions, by keys of the environment."""

import os
import unittest

from lake import LakeTest, tarn

KEY = "a key that nobody may ever see"
MODEL = """select id, {{ pii_hash('mail', 'customers') }} as mail_hash,
  {{ pii_token('mail', 'customers') }} as mail_token,
  {{ pii_partial('mail', 1, 4) }} as mail_shown from {{ source('bronze', 'people') }}
"""


class PiiTest(LakeTest):
    def setUp(self):
        super().setUp()
        folder = os.path.join(self.lake, "models", "silver")
        os.makedirs(folder)
        with open(os.path.join(folder, "people.sql"), "w", encoding="utf-8") as out:
            out.write(MODEL)
        made = self.sql("CREATE SCHEMA bronze; CREATE TABLE bronze.people AS SELECT * FROM (VALUES "
                        "(1, 'ada@example.org'), (2, 'no address'), (3, NULL), (4, 'ada@example.org')) t(id, mail)")
        self.assertEqual(made.returncode, 0, made.stderr)

    def build(self, key):
        return tarn("build", "--lake", self.lake, env={"TARN_PII_KEY_CUSTOMERS": key})

    def test_a_model_has_pseudonyms_that_join(self):
        built = self.build(KEY)
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        rows = self.rows("SELECT * FROM silver.people ORDER BY id")
        self.assertEqual(rows[0][1:], rows[3][1:])
        self.assertNotEqual(rows[0][1:3], rows[1][1:3])
        self.assertEqual(rows[2][1:], [None, None, None])
        self.assertEqual(rows[0][3], "a***.org")
        self.assertEqual((len(rows[0][1]), rows[0][2][:4]), (64, "tok_"))
        for folder, _, names in os.walk(self.lake):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(KEY.encode(), file.read(), name)

    def test_a_missing_key_is_told_of_and_a_short_one_not_shown(self):
        missing = tarn("build", "--lake", self.lake)
        self.assertEqual(missing.returncode, 1, missing.stdout)
        self.assertIn("TARN_PII_KEY_CUSTOMERS", missing.stdout + missing.stderr)
        short = self.build("tooshort")
        self.assertEqual(short.returncode, 1, short.stdout)
        self.assertNotIn("tooshort", short.stdout + short.stderr)


if __name__ == "__main__":
    unittest.main()
