"""Variants in bytes, as the Parquet specification's "Variant Binary Encoding" has them: small ones, for tests."""
import datetime
import decimal
import struct

_WIDTH = 4  # of every offset


def encode(value):
    """A dict of the parts that a data file stores."""
    keys = sorted(_keys(value))
    return {"metadata": metadata(keys), "value": body(value, keys)}


def metadata(keys):
    names = [key.encode() for key in keys]
    header = bytes([1 | 1 << 4 | (_WIDTH - 1) << 6]) + struct.pack("<I", len(names))
    return header + _offsets(names) + b"".join(names)


def body(value, keys):
    if isinstance(value, dict):
        items = sorted(value.items())
        parts = [body(item, keys) for _, item in items]
        ids = bytes(keys.index(key) for key, _ in items)
        return bytes([(_WIDTH - 1) << 2 | 2, len(items)]) + ids + _offsets(parts) + b"".join(parts)
    if isinstance(value, list):
        parts = [body(item, keys) for item in value]
        return bytes([(_WIDTH - 1) << 2 | 3, len(parts)]) + _offsets(parts) + b"".join(parts)
    return _scalar(value)


def _scalar(value):
    if value is None:
        return _primitive(0)
    if isinstance(value, bool):
        return _primitive(1 if value else 2)
    if isinstance(value, int):
        return _primitive(6, struct.pack("<q", value))
    if isinstance(value, float):
        return _primitive(7, struct.pack("<d", value))
    if isinstance(value, decimal.Decimal):
        scale = -value.as_tuple().exponent
        return _primitive(8, struct.pack("<Bi", scale, int(value.scaleb(scale))))
    if isinstance(value, datetime.datetime):
        micros = (value - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
        return _primitive(13, struct.pack("<q", micros))
    if isinstance(value, datetime.date):
        return _primitive(11, struct.pack("<i", (value - datetime.date(1970, 1, 1)).days))
    if isinstance(value, bytes):
        return _primitive(15, struct.pack("<I", len(value)) + value)
    text = value.encode()
    if len(text) < 64:
        return bytes([len(text) << 2 | 1]) + text
    return _primitive(16, struct.pack("<I", len(text)) + text)


def _primitive(number, data=b""):
    return bytes([number << 2]) + data


def _offsets(parts):
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + len(part))
    return struct.pack(f"<{len(ends)}I", *ends)


def _keys(value):
    if isinstance(value, dict):
        return {key for item in value.values() for key in _keys(item)} | set(value)
    return {key for item in value for key in _keys(item)} if isinstance(value, list) else set()
