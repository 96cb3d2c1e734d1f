import os
import tempfile
import unittest

import deltalake

import log_tables


class Written(unittest.TestCase):
    """Read back by delta-rs: what stands in a commit and what stands in the checkpoint must be the same files."""

    def make(self, files, commits, checkpoint, partitioned):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        log_tables.write_table(folder.name, files, commits, checkpoint, partitioned)
        return folder.name

    def adds(self, root):
        table = deltalake.DeltaTable(root)
        rows = table.get_add_actions(flatten=True)
        names = rows.schema.names if hasattr(rows.schema, "names") else [field.name for field in rows.schema]
        columns = {name: rows.column(name).to_pylist() for name in names}
        return sorted(zip(*(columns[name] for name in ("path", "num_records", "min.k", "max.k", "null_count.k"))))

    def test_all_files_with_their_bounds(self):
        adds = self.adds(self.make(25, 3, False, False))
        self.assertEqual([add[2] for add in adds], [file * 1000 for file in range(25)])
        self.assertEqual({add[1] for add in adds}, {log_tables.ROWS_PER_FILE})

    def test_the_checkpoint_says_what_the_commits_say(self):
        for partitioned in (False, True):
            from_json = self.adds(self.make(25, 3, False, partitioned))
            root = self.make(25, 3, True, partitioned)
            for version in range(3):
                os.unlink(os.path.join(root, "_delta_log", log_tables.commit_name(version)))
            self.assertEqual(self.adds(root), from_json)

    def test_a_partitioned_table_keeps_the_column_out_of_the_bounds(self):
        root = self.make(5, 1, False, True)
        rows = deltalake.DeltaTable(root).get_add_actions(flatten=True)
        self.assertEqual(sorted(rows.column("partition.day").to_pylist()), [0, 1, 2, 3, 4])

    def test_the_one_file_that_exists_holds_the_key(self):
        for partitioned in (False, True):
            root = self.make(10, 2, False, partitioned)
            query = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(root))
            rows = query.execute(f"SELECT k FROM t WHERE k = {log_tables.lookup_key(10)}").read_all()
            self.assertEqual(rows.num_rows, 1)


class Cached(unittest.TestCase):
    def test_a_folder_that_was_not_finished_is_made_again(self):
        with tempfile.TemporaryDirectory() as cache:
            kept, log_tables.peers.CACHE = log_tables.peers.CACHE, cache
            self.addCleanup(setattr, log_tables.peers, "CACHE", kept)
            with self.assertRaises(ZeroDivisionError):
                log_tables.cached("x", lambda root: 1 / 0)
            self.assertFalse(os.path.exists(os.path.join(cache, "x")))
            made = []
            for _ in range(2):
                log_tables.cached("x", made.append)
            self.assertEqual(len(made), 1)


if __name__ == "__main__":
    unittest.main()
