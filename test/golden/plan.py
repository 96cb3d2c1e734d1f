"""What the golden set asks of a reader: one item an expectation of its manifest."""
import csv
import os

KINDS = ("snapshot", "cdf", "error", "cdf-error", "snapshot-error")


def items(golden):
    """Every item that speaks of rows or of a refusal; `log` rows are checked on the snapshot object elsewhere."""
    csv.field_size_limit(1 << 24)
    with open(os.path.join(golden, "manifest.csv"), newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["kind"] in KINDS]
    return [_item(golden, row) for row in rows]


def _item(golden, row):
    is_feed = row["kind"].startswith("cdf")
    item = {
        "name": f"{row['path']}@{row['version']}" + ("#cdf" if is_feed else ""),
        "path": os.path.join(golden, row["path"]),
        "refused": "error" in row["kind"],
        "check": row["content_check"],
        "rows": int(row["expected_rows"]) if row["expected_rows"].isdigit() else None,
        "version": None,
        "changes": None,
    }
    if is_feed and ".." in row["version"]:
        first, last = row["version"].split("..")
        item["changes"] = (int(first), int(last) if last.isdigit() else None)
    elif row["version"].isdigit() and row["version"] != row["latest_version"]:
        item["version"] = int(row["version"])
    return item


def query(item):
    if item["changes"]:
        bounds = ", ".join(str(bound) for bound in item["changes"] if bound is not None)
        return f"SELECT * FROM table_changes_by_path('{item['path']}', {bounds})"
    at = f" VERSION AS OF {item['version']}" if item["version"] is not None else ""
    return f"SELECT * FROM delta.`{item['path']}`{at}"
