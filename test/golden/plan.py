"""What the golden set asks of a reader: one item an expectation of its manifest."""
import csv
import json
import os

KINDS = ("snapshot", "template", "cdf", "error", "cdf-error", "snapshot-error")

# What the reading issue allows beside the rows of the manifest, and why it is right: name, (refusal, reason).
PROVISOS = {
    "delta-kernel-bench/basic_catalog_managed/delta@1": (
        "Unsupported", "catalog-managed: by path nobody knows the latest version, so that a refusal is the answer"),
    "kernel-rs/cdf-table-with-dv@0..latest#cdf": (
        "Corrupt", "the Z85 text of its inline vector exceeds 32 bits a group, which the encoding forbids: to read it "
                   "all the same would be a guess"),
}

# Their logs name a folder that is filled in here, in a copy.
TEMPLATES = {"delta-spark/table-with-dv-special-char": ("{{FOLDER_WITH_SPECIAL_CHAR}}", "folder&with%special char")}


def items(golden):
    """Every item that speaks of rows or of a refusal."""
    csv.field_size_limit(1 << 24)
    with open(os.path.join(golden, "manifest.csv"), newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["kind"] in KINDS]
    return [_item(golden, row) for row in rows]


def readable_items(golden, apart):
    """Those of which another reader may give the rows, each version once; `apart` are names to leave out."""
    found = {}
    for item in items(golden):
        if not (item["refused"] or item["changes"] or item["template"] or item["name"] in apart):
            found.setdefault(item["name"], item)
    return list(found.values())


def feed_items(golden):
    """The change feeds of which another reader may give the rows."""
    return [item for item in items(golden) if item["changes"] and not item["refused"] and item["name"] not in PROVISOS]


def log_items(golden):
    """(name, path, what the log's state at the latest version must be): their data files are missing on purpose."""
    csv.field_size_limit(1 << 24)
    with open(os.path.join(golden, "manifest.csv"), newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["kind"] == "log"]
    return [(row["path"], os.path.join(golden, row["path"]), _log_state(row["content_check"])) for row in rows]


def _log_state(check):
    text = check.removeprefix("log:")
    # One row of the manifest lacks its last brace.
    return json.loads(text + "}" * (text.count("{") - text.count("}")))


def _item(golden, row):
    is_feed = row["kind"].startswith("cdf")
    item = {
        "name": f"{row['path']}@{row['version']}" + ("#cdf" if is_feed else ""),
        "path": os.path.join(golden, row["path"]),
        "refused": "error" in row["kind"],
        "template": TEMPLATES.get(row["path"]),
        "check": row["content_check"],
        "rows": int(row["expected_rows"]) if row["expected_rows"].isdigit() else None,
        "derived_rows": int(row["derived_rows"]) if row["derived_rows"].isdigit() else None,
        "derived": json.loads(row["derived_aggregates"]) if row["derived_aggregates"].startswith("{") else {},
        "version": None,
        "changes": None,
    }
    if is_feed and ".." in row["version"]:
        first, last = row["version"].split("..")
        item["changes"] = (int(first), int(last) if last.isdigit() else None)
    elif row["version"].isdigit() and row["version"] != row["latest_version"]:
        item["version"] = int(row["version"])
    return item


def source(item):
    """What stands behind FROM."""
    if item["changes"]:
        bounds = ", ".join(str(bound) for bound in item["changes"] if bound is not None)
        return f"table_changes_by_path('{item['path']}', {bounds})"
    at = f" VERSION AS OF {item['version']}" if item["version"] is not None else ""
    return f"delta.`{item['path']}`{at}"


def query(item):
    return f"SELECT * FROM {source(item)}"
