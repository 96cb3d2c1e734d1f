"""What users paste from pages of Delta Lake and Databricks, run with --dialect spark.

The files *.gaps list the statements that do not answer rightly yet. They may only shrink: a
statement that fails and is not listed fails the test, and so does one that is listed and works.
"""

import tempfile
import unittest
from pathlib import Path

import records


class Acceptance(unittest.TestCase):
    def check(self, name):
        path = records.SHARED / f"{name}.test"
        if not path.exists():
            self.skipTest(f"{path} is not there: the acceptance files lie beside the repository")
        with tempfile.TemporaryDirectory() as folder:
            lake = Path(folder) / "lakehouse"
            lake.mkdir()
            (lake / "tarn.yml").write_text("name: lakehouse\n")
            failed = {r.key: wrong for r, wrong in records.run(path, str(lake)) if wrong}
        gaps = set(records.known_gaps(name))
        news = "\n".join(f"{key}\n    {failed[key]}" for key in sorted(set(failed) - gaps))
        self.assertFalse(news, f"fail and are no known gaps:\n{news}")
        gone = "\n".join(sorted(gaps - set(failed)))
        self.assertFalse(gone, f"work now, take them out of {name}.gaps:\n{gone}")

    def test_statements(self):
        self.check("statements")

    def test_seeds(self):
        self.check("seeds")


if __name__ == "__main__":
    unittest.main()
