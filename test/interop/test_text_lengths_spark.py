"""VARCHAR(n) and CHAR(n) between Spark and Tarn, where Spark is cached: each holds what the other's table says."""
import os
import tempfile
import unittest

import matrix
import partners

COLUMNS = ("a VARCHAR(3), b CHAR(4), s STRUCT<x: VARCHAR(2), y: INT>, l ARRAY<CHAR(2)>, m MAP<VARCHAR(2), INT>")
FITTING = "'abc', 'abcd', named_struct('x', 'aa', 'y', 1), array('bb'), map('kk', 1)"
# A column, and a value that is too long for it.
TOO_LONG = (("a", "'abcd'"), ("a", "'abc '"), ("b", "'abcde'"), ("s", "named_struct('x', 'aaa', 'y', 1)"),
            ("l", "array('b', 'bbb')"), ("m", "map('kkk', 1)"))
MORE = ("ALTER TABLE {} ADD COLUMN d VARCHAR(2)", "ALTER TABLE {} ADD COLUMN s.z VARCHAR(1)")
TOO_LONG_THEN = TOO_LONG + (("d", "'ddd'"), ("s", "named_struct('x', 'a', 'y', 1, 'z', 'zz')"))


class SparkTextLengths(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        why_not = partners.Spark.why_not()
        if why_not:
            raise unittest.SkipTest(why_not)
        cls.spark, cls.tarn, cls.folder = partners.Spark(), matrix.lake.Lake(), tempfile.TemporaryDirectory()
        cls.tarn.run("SET dialect = 'spark'")

    @classmethod
    def tearDownClass(cls):
        cls.spark.close()
        cls.tarn.close()
        cls.folder.cleanup()

    def make(self, writer, name):
        table = f"delta.`{os.path.join(self.folder.name, name)}`"
        writer.run(f"CREATE TABLE {table} ({COLUMNS}) USING DELTA")
        writer.run(f"INSERT INTO {table} VALUES ({FITTING})")
        return table

    def expect_held(self, reader, table, too_long):
        for column, value in too_long:
            with self.assertRaises(Exception, msg=f"{column} {value}"):
                reader.run(f"INSERT INTO {table} ({column}) VALUES ({value})")
        reader.run(f"INSERT INTO {table} (a) VALUES ('xyz')")

    def test_tarn_holds_what_spark_made(self):
        table = self.make(self.spark, "of spark")
        self.expect_held(self.tarn, table, TOO_LONG)
        self.spark.run(MORE[0].format(table))
        self.expect_held(self.tarn, table, TOO_LONG + (("d", "'ddd'"),))
        self.assertEqual(self.spark.run(f"SELECT count(*) FROM {table}"), [["3"]])

    def test_spark_holds_what_tarn_made(self):
        table = self.make(self.tarn, "of tarn")
        self.expect_held(self.spark, table, TOO_LONG)
        for statement in MORE:
            self.tarn.run(statement.format(table))
        self.expect_held(self.spark, table, TOO_LONG_THEN)
        self.expect_held(self.tarn, table, TOO_LONG_THEN)
        self.assertEqual(self.spark.run(f"SELECT a, s.x FROM {table} WHERE a = 'abc'"), [["abc", "aa"]])


if __name__ == "__main__":
    unittest.main()
