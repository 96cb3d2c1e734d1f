"""Writes Parquet files of any schema, so that tests can have what no library writes any more: lists of two levels,
text without its mark, INT96, decimals in bytes, ids or none, variants.

One row group, one page a column, plain and uncompressed. Rows are nested dicts and lists.
"""
import struct

REQUIRED, OPTIONAL, REPEATED = 0, 1, 2
PHYSICAL = {"BOOLEAN": 0, "INT32": 1, "INT64": 2, "INT96": 3, "FLOAT": 4, "DOUBLE": 5, "BYTE_ARRAY": 6,
            "FIXED_LEN_BYTE_ARRAY": 7}
CONVERTED = {"UTF8": 0, "MAP": 1, "MAP_KEY_VALUE": 2, "LIST": 3, "DECIMAL": 5, "DATE": 6, "TIMESTAMP_MILLIS": 9,
             "TIMESTAMP_MICROS": 10, "UINT_32": 13, "INT_8": 15, "INT_16": 16, "INT_64": 18}
_UNITS = {"MILLIS": 1, "MICROS": 2, "NANOS": 3}
_BOOL_TRUE, _BOOL_FALSE, _BYTE, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 2, 3, 5, 6, 8, 9, 12
_NANOS_OF_A_DAY = 86_400_000_000_000
_JULIAN_DAY_OF_1970 = 2_440_588


class OldBounds(tuple):
    """Least and greatest in the fields that did not say in which order."""


class Node:
    """A column or a group; `rep` is its repetition, `bounds` what its statistics say (`OldBounds`: in the fields of
    before 2017)."""

    def __init__(self, name, physical=None, rep=OPTIONAL, children=(), converted=None, logical=None, length=None,
                 decimal=None, field_id=None, bounds=None):
        self.name, self.physical, self.rep, self.children = name, physical, rep, list(children)
        self.converted, self.logical, self.length, self.decimal = converted, logical, length, decimal
        self.field_id, self.bounds = field_id, bounds
        self.levels = (0, 0)  # the greatest repetition and definition
        self.path = [name]
        self.cells = []  # (repetition, definition, value)

    def place(self, path, repeats, defines):
        self.path = [*path, self.name]
        self.levels = (repeats + (self.rep == REPEATED), defines + (self.rep != REQUIRED))
        for child in self.children:
            child.place(self.path, *self.levels)

    def leaves(self):
        return [leaf for child in self.children for leaf in child.leaves()] if self.children else [self]

    def put(self, value, repeat, define):
        """A value of the column's parent, taken apart."""
        if self.rep == REPEATED and value:
            for index, item in enumerate(value):
                self._put_present(item, repeat if index == 0 else self.levels[0], self.levels[1])
        elif self.rep == REQUIRED or (self.rep == OPTIONAL and value is not None):
            self._put_present(value, repeat, self.levels[1])
        else:
            for leaf in self.leaves():
                leaf.cells.append((repeat, define, None))

    def _put_present(self, value, repeat, define):
        if not self.children:
            self.cells.append((repeat, define, value))
        for child in self.children:
            child.put(value.get(child.name), repeat, define)


def column(name, physical, **rest):
    return Node(name, physical, **rest)


def group(name, *children, **rest):
    return Node(name, children=children, **rest)


def text(name, **rest):
    return Node(name, "BYTE_ARRAY", converted="UTF8", **rest)


def int96(nanos):
    """An instant, in nanoseconds since 1970, as Impala and Spark write it."""
    day, within = divmod(nanos, _NANOS_OF_A_DAY)
    return struct.pack("<qi", within, day + _JULIAN_DAY_OF_1970)


def timestamp(unit, is_utc):
    return ("TIMESTAMP", unit, is_utc)


def write(path, columns, rows, metadata=None, created_by=None):
    """Writes a file of those rows and returns its size in bytes."""
    for node in columns:
        node.place([], 0, 0)
        for leaf in node.leaves():
            leaf.cells = []
        for row in rows:
            node.put(row.get(node.name), 0, 0)
    leaves = [leaf for node in columns for leaf in node.leaves()]
    body, chunks = b"PAR1", []
    for leaf in leaves:
        page = _page(leaf)
        chunks.append(_chunk(leaf, len(body), len(page)))
        body += page
    schema = [_struct((4, _BINARY, b"schema"), (5, _I32, len(columns)))]
    for node in columns:
        schema += _elements(node)
    row_group = _struct((1, _LIST, (_STRUCT, chunks)), (2, _I64, len(body)), (3, _I64, len(rows)))
    pairs = [_struct((1, _BINARY, key.encode()), (2, _BINARY, value.encode()))
             for key, value in (metadata or {}).items()]
    footer = _struct((1, _I32, 1), (2, _LIST, (_STRUCT, schema)), (3, _I64, len(rows)),
                     (4, _LIST, (_STRUCT, [row_group])), (5, _LIST, (_STRUCT, pairs)) if pairs else None,
                     (6, _BINARY, created_by.encode()) if created_by else None)
    body += footer + struct.pack("<I", len(footer)) + b"PAR1"
    with open(path, "wb") as file:
        file.write(body)
    return len(body)


def _elements(node):
    decimal = node.decimal or (None, None)
    element = _struct(
        (1, _I32, PHYSICAL[node.physical]) if node.physical else None,
        (2, _I32, node.length) if node.length else None,
        (3, _I32, node.rep),
        (4, _BINARY, node.name.encode()),
        (5, _I32, len(node.children)) if node.children else None,
        (6, _I32, CONVERTED[node.converted]) if node.converted else None,
        (7, _I32, decimal[1]) if node.decimal else None,
        (8, _I32, decimal[0]) if node.decimal else None,
        (9, _I32, node.field_id) if node.field_id is not None else None,
        (10, _STRUCT, _logical(node.logical)) if node.logical else None)
    return [element, *(item for child in node.children for item in _elements(child))]


def _logical(logical):
    if logical == "VARIANT":
        return _struct((16, _STRUCT, _struct()))
    if logical[0] == "DECIMAL":
        return _struct((5, _STRUCT, _struct((1, _I32, logical[2]), (2, _I32, logical[1]))))
    if logical[0] == "INTEGER":
        signed = _BOOL_TRUE if logical[2] else _BOOL_FALSE
        return _struct((10, _STRUCT, _struct((1, _BYTE, bytes([logical[1]])), (2, signed, None))))
    _, unit, is_utc = logical
    unit = _struct((_UNITS[unit], _STRUCT, _struct()))
    return _struct((8, _STRUCT, _struct((1, _BOOL_TRUE if is_utc else _BOOL_FALSE, None), (2, _STRUCT, unit))))


def _page(leaf):
    data = b""
    for greatest, levels in zip(leaf.levels, zip(*((cell[0], cell[1]) for cell in leaf.cells))):
        if greatest:
            runs = b"".join(b"\x02" + bytes([level]) for level in levels)
            data += struct.pack("<I", len(runs)) + runs
    values = [value for _, define, value in leaf.cells if define == leaf.levels[1]]
    data += _plain(leaf, values)
    header = _struct((1, _I32, 0), (2, _I32, len(data)), (3, _I32, len(data)),
                     (5, _STRUCT, _struct((1, _I32, len(leaf.cells)), (2, _I32, 0), (3, _I32, 3), (4, _I32, 3))))
    return header + data


def _plain(leaf, values):
    if leaf.physical == "BOOLEAN":
        bits = sum(1 << index for index, value in enumerate(values) if value)
        return bits.to_bytes((len(values) + 7) // 8, "little")
    if leaf.physical == "BYTE_ARRAY":
        encoded = [value.encode() if isinstance(value, str) else value for value in values]
        return b"".join(struct.pack("<I", len(value)) + value for value in encoded)
    if leaf.physical in ("INT96", "FIXED_LEN_BYTE_ARRAY"):
        return b"".join(values)
    form = {"INT32": "i", "INT64": "q", "FLOAT": "f", "DOUBLE": "d"}[leaf.physical]
    return struct.pack(f"<{len(values)}{form}", *values)


def _chunk(leaf, offset, size):
    path = [name.encode() for name in leaf.path]
    described = _struct((1, _I32, PHYSICAL[leaf.physical]), (2, _LIST, (_I32, [0, 3])), (3, _LIST, (_BINARY, path)),
                        (4, _I32, 0), (5, _I64, len(leaf.cells)), (6, _I64, size), (7, _I64, size), (9, _I64, offset),
                        (12, _STRUCT, _statistics(leaf)) if leaf.bounds else None)
    return _struct((2, _I64, offset), (3, _STRUCT, described))


def _statistics(leaf):
    least, greatest = ((_BINARY, value if isinstance(value, bytes) else _plain(leaf, [value])[_prefix(leaf):])
                       for value in leaf.bounds)
    nulls = (3, _I64, sum(1 for cell in leaf.cells if cell[1] < leaf.levels[1]))
    if isinstance(leaf.bounds, OldBounds):
        return _struct((1, *greatest), (2, *least), nulls)
    return _struct(nulls, (5, *greatest), (6, *least))


def _prefix(leaf):
    return 4 if leaf.physical == "BYTE_ARRAY" else 0


def _varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def _value(kind, value):
    if kind in (_I32, _I64):
        return _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == _BINARY:
        return _varint(len(value)) + value
    if kind == _LIST:
        item_kind, items = value
        count = len(items)
        head = bytes([count << 4 | item_kind]) if count < 15 else bytes([0xF0 | item_kind]) + _varint(count)
        return head + b"".join(_value(item_kind, item) for item in items)
    return value or b""


def _struct(*fields):
    """Thrift's compact protocol; fields in ascending order, None for one that is not set."""
    out, last = b"", 0
    for number, kind, value in (field for field in fields if field):
        step = number - last
        out += (bytes([step << 4 | kind]) if step < 16 else bytes([kind]) + _varint(number << 1)) + _value(kind, value)
        last = number
    return out + b"\x00"
