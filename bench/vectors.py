"""Deletion vectors as files, as the Delta protocol describes them ("Deletion Vector Format")."""
import os
import struct
import uuid
import zlib

MAGIC = 1681511377
NO_RUNS = 12346  # Roaring's cookie of a bitmap without run containers
ARRAY_LIMIT = 4096
BITS = 1 << 16
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def container(lows):
    """The values of one container: few as a sorted array, many as a set of bits."""
    if len(lows) <= ARRAY_LIMIT:
        return struct.pack(f"<{len(lows)}H", *lows)
    bits = bytearray(BITS // 8)
    for low in lows:
        bits[low >> 3] |= 1 << (low & 7)
    return bytes(bits)


def bitmap(values):
    """Roaring's portable form of 32-bit values, sorted."""
    parts = {}
    for value in values:
        parts.setdefault(value >> 16, []).append(value & 0xFFFF)
    head = struct.pack("<II", NO_RUNS, len(parts))
    head += b"".join(struct.pack("<HH", key, len(lows) - 1) for key, lows in parts.items())
    bodies = [container(lows) for lows in parts.values()]
    at, offsets = len(head) + 4 * len(parts), b""
    for body in bodies:
        offsets += struct.pack("<I", at)
        at += len(body)
    return head + offsets + b"".join(bodies)


def encode(rows):
    """The magic number and a 64-bit bitmap: how many 32-bit ones, each with the key of its upper half."""
    parts = {}
    for row in rows:
        parts.setdefault(row >> 32, []).append(row & 0xFFFFFFFF)
    body = b"".join(struct.pack("<I", key) + bitmap(values) for key, values in parts.items())
    return struct.pack("<IQ", MAGIC, len(parts)) + body


def z85(data):
    text = ""
    for at in range(0, len(data), 4):
        number = int.from_bytes(data[at:at + 4], "big")
        digits = [number // 85**power % 85 for power in (4, 3, 2, 1, 0)]
        text += "".join(Z85[digit] for digit in digits)
    return text


def write(root, number, rows):
    """A file with one vector; gives the descriptor of it."""
    name = uuid.UUID(int=0x7A2F << 96 | number)
    blob = encode(rows)
    with open(os.path.join(root, f"deletion_vector_{name}.bin"), "wb") as out:
        out.write(b"\x01" + struct.pack(">I", len(blob)) + blob + struct.pack(">I", zlib.crc32(blob)))
    return {"storageType": "u", "pathOrInlineDv": z85(name.bytes), "offset": 1, "sizeInBytes": len(blob),
            "cardinality": len(rows)}
