"""What Tarn and its partners do to a table, and what that makes of its rows: a dict from key to text."""
import partners

# Steps that add a column, and what it is called.
EVOLVING = ("merge evolving", "append evolving")
MERGED_COLUMN, APPENDED_COLUMN = "more", "another"


def append_rows(rows, first, count):
    rows.update({key: f"v{key}" for key in range(first, first + count)})


def update_rows(rows, rest, text):
    rows.update({key: text for key in rows if key % 40 == rest})


def delete_rows(rows, is_gone):
    for key in [key for key in rows if is_gone(key)]:
        del rows[key]


def merge_rows(rows, source, is_deleted, text, inserted):
    """`inserted` gives the text of a key that is new."""
    for key in source:
        if key not in rows:
            rows[key] = inserted(key)
        elif is_deleted(key):
            del rows[key]
        else:
            rows[key] = text


def overwrite_rows(rows, count):
    rows.clear()
    append_rows(rows, 0, count)


def nothing(_):
    pass


def vacuum(table):
    """Of all that the newest version does not need, which a retention of a week would keep."""
    name = "delta.deletedFileRetentionDuration"
    return [f"ALTER TABLE {table} SET TBLPROPERTIES ('{name}' = 'interval 0 hours')", f"VACUUM {table} RETAIN 0 HOURS",
            f"ALTER TABLE {table} UNSET TBLPROPERTIES ('{name}')"]


def merge_of_tarn(feature, table, column, first, text, is_altered):
    """Deletes even keys, updates odd ones, inserts new ones."""
    names = ", ".join(feature.given_columns(is_altered))
    values = ", ".join(f"s.{name}" for name in feature.given_columns(is_altered))
    statement = (f"MERGE INTO {table} t USING ({feature.rows(first, 20, is_altered)}) s ON t.k = s.k "
                 f"WHEN MATCHED AND s.k % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET {column} = '{text}' "
                 f"WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})")
    return statement, lambda rows: merge_rows(rows, range(first, first + 20), lambda key: key % 2 == 0, text,
                                              lambda key: f"v{key}")


def evolving_merge(feature, table):
    """Rows that stand, were deleted or were updated, as they were first, with a column more."""
    first, count = 75, 20
    source = f"SELECT *, k * 10 AS {MERGED_COLUMN} FROM ({feature.rows(first, count, True)})"
    statement = (f"MERGE WITH SCHEMA EVOLUTION INTO {table} t USING ({source}) s ON t.k = s.k "
                 "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
    values = {key: str(key * 10) for key in range(first, first + count)}
    return EVOLVING[0], [statement], lambda rows: append_rows(rows, first, count), (MERGED_COLUMN, values)


def evolving_append(feature, table):
    first, count = 440, 20
    source = f"SELECT 'a' || k AS {APPENDED_COLUMN}, * FROM ({feature.rows(first, count, True)})"
    values = {key: f"a{key}" for key in range(first, first + count)}
    return (EVOLVING[1], [f"INSERT WITH SCHEMA EVOLUTION INTO {table} BY NAME {source}"],
            lambda rows: append_rows(rows, first, count), (APPENDED_COLUMN, values))


def first_of_tarn(feature, table):
    """Behind CREATE: name, statements, what they do to the rows, and the column that they add with its values."""
    merge, merged = merge_of_tarn(feature, table, "v", 243, "merged", False)
    return [
        ("append", [f"INSERT INTO {table} BY NAME {feature.rows(0, 100)}",
                    f"INSERT INTO {table} BY NAME {feature.rows(100, 100)}"], lambda rows: append_rows(rows, 0, 200)),
        ("overwrite", [f"INSERT OVERWRITE {table} BY NAME {feature.rows(0, 250)}"],
         lambda rows: overwrite_rows(rows, 250)),
        ("append", [f"INSERT INTO {table} BY NAME {feature.rows(300, 50)}"], lambda rows: append_rows(rows, 300, 50)),
        ("update", [f"UPDATE {table} SET v = 'updated' WHERE k % 40 = 1"],
         lambda rows: update_rows(rows, 1, "updated")),
        ("delete", [f"DELETE FROM {table} WHERE k % 40 = 2 OR k BETWEEN 210 AND 215"],
         lambda rows: delete_rows(rows, lambda key: key % 40 == 2 or 210 <= key <= 215)),
        ("merge", [merge], merged),
        ("optimize", [f"OPTIMIZE {table}"], nothing),
        ("feed", [], nothing),
        ("vacuum", vacuum(table), nothing),
        ("checkpoint", [f"CHECKPOINT {table}"], nothing),
        ("alter", [statement.format(t=table) for statement in feature.alter], nothing),
        ("append after", [f"INSERT INTO {table} BY NAME {feature.rows(400, 20, True)}"],
         lambda rows: append_rows(rows, 400, 20)),
        evolving_merge(feature, table),
        evolving_append(feature, table),
    ]


def of_partner(appended=partners.APPENDED):
    """By the name of a partner's operation, what it does to the rows."""
    return {
        "append": lambda rows: rows.update({key: "theirs" for key in appended}),
        "update": lambda rows: update_rows(rows, 3, "updated by them"),
        "delete": lambda rows: delete_rows(rows, lambda key: key % 40 == 4),
        "merge": lambda rows: merge_rows(rows, (100, 101, partners.MERGED_IN), lambda key: key == 101,
                                         "merged by them", lambda _: "merged by them"),
        "optimize": nothing,
        partners.EVOLVE: lambda rows: rows.update({key: "theirs" for key in partners.EVOLVED}),
    }


def on_top_of_partner(feature, table):
    column = f"`{feature.text_after}`"
    merge, merged = merge_of_tarn(feature, table, column, 4990, "merged again", True)
    return [
        ("append", [f"INSERT INTO {table} BY NAME {feature.rows(6000, 20, True)}"],
         lambda rows: append_rows(rows, 6000, 20)),
        ("update", [f"UPDATE {table} SET {column} = 'updated again' WHERE k % 40 = 5"],
         lambda rows: update_rows(rows, 5, "updated again")),
        ("delete", [f"DELETE FROM {table} WHERE k % 40 = 6"],
         lambda rows: delete_rows(rows, lambda key: key % 40 == 6)),
        ("merge", [merge], merged),
        ("optimize", [f"OPTIMIZE {table}"], nothing),
    ]
