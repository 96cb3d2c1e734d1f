"""Finds the function bodies of a C++ file, without a parser: enough to measure their length.

Works on text without comments and literals. A `{` opens a container (namespace, class, enum, extern
block), an initialiser, or, inside a container, a function's body; what is inside a body is not
looked at further.
"""

import re

_CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_NAME = re.compile(r"([A-Za-z_~][\w:~]*|operator\s*\S+?)\s*\(")
_MACRO = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_VALUE = re.compile(r"=\s*[\w:<>, ]*$")


def _head(text, brace):
    """What stands between the last `;`, `{` or `}` and the brace."""
    start = max(text.rfind(stop, 0, brace) for stop in ";{}") + 1
    return text[start:brace]


def _closing(text, brace):
    depth = 0
    for found in re.finditer(r"[{}]", text[brace:]):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return brace + found.start()
    return len(text) - 1


def bodies(text):
    """Yields (name, first line, last line) of each function body, lines counted from 1."""
    text = _MACRO.sub(lambda macro: "\n" * macro.group().count("\n"), text)
    place, pending = 0, None
    while (brace := text.find("{", place)) != -1:
        head = _head(text, brace)
        call = _NAME.search(head)
        if (
            pending is None
            and _CONTAINER.search(head)
            and not (call and head.rstrip().endswith(")"))
        ):
            place = brace + 1 if "=" not in head else _closing(text, brace) + 1
            continue
        end = _closing(text, brace)
        place = end + 1
        name = pending or (re.sub(r"\s+", "", call.group(1)) if call else None)
        if text[end + 1 :].lstrip()[:1] in (",", "{") and name and (pending or ":" in head):
            pending = name  # a braced initialiser in a constructor's list: the body comes later
            continue
        pending = None
        if name and not _VALUE.search(head):
            yield name, text.count("\n", 0, brace) + 1, text.count("\n", 0, end) + 1
