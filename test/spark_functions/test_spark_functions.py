"""Every function of Spark's: what Tarn answers with --dialect spark is what Spark answered.

answers/*.tsv were recorded from PySpark (record.py). differences.gaps lists the expressions whose
answer is another one still; it may only shrink. Errors need not be of the same class.
"""

import tempfile
import unittest

import expressions
from conversation import Conversation, answers_of


class SparkFunctions(unittest.TestCase):
    def test_every_expression_has_sparks_answer(self):
        for group in expressions.groups():
            answered = [expression for expression, _, _ in expressions.read_answers(group)]
            self.assertEqual(expressions.read_expressions(group), answered, f"record {group} anew")

    def test_answers(self):
        with tempfile.TemporaryDirectory() as lake:
            differences = set(answers_of(lake))
        gaps = set(expressions.known_gaps())
        news = "\n".join(sorted(differences - gaps))
        self.assertFalse(news, f"answer otherwise than Spark and are no known gaps:\n{news}")
        gone = "\n".join(sorted(gaps - differences))
        self.assertFalse(gone, f"answer like Spark now, take them out of the gaps:\n{gone}")

    def test_every_function_stands_in_the_table_and_is_asked(self):
        table = {name for name, _, _ in expressions.reference_rows()}
        refused = expressions.refused()
        asked = "\n".join(
            line for group in expressions.groups() for line in expressions.read_expressions(group)
        ).lower()
        for name in expressions.FUNCTIONS.read_text().split():
            if not name.isidentifier() or name in expressions.GRAMMAR:
                continue
            self.assertIn(name, table, f"{name} of Spark stands nowhere in the table")
            if name not in refused:
                self.assertIn(name, asked, f"no expression asks {name}")

    def test_what_is_refused_says_so(self):
        with tempfile.TemporaryDirectory() as lake:
            conversation = Conversation(lake)
            for name in sorted(expressions.refused()):
                kinds = {
                    conversation.ask(f"SELECT {name}({', '.join(['1'] * count)})")["error"]["kind"]
                    for count in range(7)
                }
                self.assertIn("Unsupported", kinds, name)
                self.assertLessEqual(kinds, {"Unsupported", "InvalidInput"}, name)
            conversation.end()

    def test_in_tarns_dialect_no_function_of_the_engine_is_hidden(self):
        sparks = {name for name, dialect, _ in expressions.reference_rows() if dialect == "all"}
        with tempfile.TemporaryDirectory() as lake:
            conversation = Conversation(lake, "tarn")
            rows = conversation.ask("SELECT DISTINCT function_name FROM duckdb_functions()")["rows"]
            conversation.end()
        self.assertGreater(len(rows), 500)
        self.assertFalse(sparks & {row[0] for row in rows})


if __name__ == "__main__":
    unittest.main()
