"""Values of two readers in one form, so that rows compare as multisets.

`exact` is for rows that both come with types (Arrow); `loose` for expectations written as text, where blank and NULL
are one, numbers compare by value and times have no zone mark.
"""
import datetime
import decimal
import json
import re


def exact(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, decimal.Decimal)):
        return f"{float(value):.12g}"
    if isinstance(value, float):
        return "nan" if value != value else f"{value:.7g}"
    if isinstance(value, datetime.datetime):
        return _utc(value).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): exact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        pairs = _map_entries(value)
        if pairs is not None:
            return sorted(json.dumps([exact(key), exact(item)], sort_keys=True) for key, item in pairs)
        return [exact(item) for item in value]
    return str(value)


def loose(value):
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {loose(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(loose(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return _without_trailing_zeros(_utc(value).isoformat())
    text = value if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    try:
        return f"{float(text):.7g}"
    except ValueError:
        pass
    if re.search(r"\d{2}:\d{2}:\d{2}", text):
        text = _without_trailing_zeros(text.replace("Z", ""))
    return re.sub(r"(\d{4}-\d{2}-\d{2}) (\d{2}:)", r"\1T\2", text)


def _utc(value):
    return value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value


def _without_trailing_zeros(text):
    return re.sub(r"(\d{2}:\d{2}:\d{2})\.(\d*?)0*$", lambda m: m[1] + ("." + m[2] if m[2] else ""), text)


def _map_entries(items):
    """Arrow gives a map as a list of pairs, and some writers' expectations as a list of {key, value}."""
    if items and all(isinstance(item, tuple) and len(item) == 2 for item in items):
        return list(items)
    if items and all(isinstance(item, dict) and set(item) == {"key", "value"} for item in items):
        return [(item["key"], item["value"]) for item in items]
    return None
