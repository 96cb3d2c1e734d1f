"""The tree as the style tests see it: files, rooms, and C++ text without comments and literals."""

import re
import subprocess
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CPP = (".h", ".cc")
_ROOM = re.compile(r"tarn_room\(\s*([a-z_]+)([^)]*)\)")
_KEYWORDS = {"USES", "LIBS", "TEST_LIBS"}
_LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"|"""
    r""""(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+\'""",
    re.DOTALL,
)


def rooms_of(cmake_text):
    """{room: set of the rooms it may use} from the tarn_room(...) lines."""
    rooms = {}
    text = re.sub(r"#[^\n]*", "", cmake_text)
    for name, rest in _ROOM.findall(text):
        section, uses = None, set()
        for word in rest.split():
            if word in _KEYWORDS:
                section = word
            elif section == "USES":
                uses.add(word)
        rooms[name] = uses
    return rooms


def bare(text):
    """C++ text with comments and literals blanked out; every line keeps its number."""

    def blank(match):
        whole = match.group(0)
        lines = "\n" * whole.count("\n")
        return (" " + lines) if whole.startswith("/") else ('""' + lines)

    return _LITERAL.sub(blank, text)


class Tree:
    """The files that git tracks or would track, read once; or the given ones ({path: text})."""

    def __init__(self, files=None, root=ROOT):
        self._root = root
        self._texts = dict(files) if files is not None else {}
        self.paths = sorted(self._texts) if files is not None else self._listed()
        self._bare = {}

    def _listed(self):
        shown = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self._root,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.decode()
        return sorted(
            path for path in set(shown.split("\0")) if path and (self._root / path).is_file()
        )

    def text(self, path):
        """The file's text; bytes that are not UTF-8 are replaced."""
        if path not in self._texts:
            self._texts[path] = (self._root / path).read_bytes().decode("utf-8", "replace")
        return self._texts[path]

    def bare(self, path):
        if path not in self._bare:
            self._bare[path] = bare(self.text(path))
        return self._bare[path]

    def exists(self, path):
        return path in self._known

    @cached_property
    def _known(self):
        folders = {str(parent) for path in self.paths for parent in Path(path).parents}
        return set(self.paths) | folders

    @cached_property
    def rooms(self):
        return rooms_of(self.text("src/CMakeLists.txt"))

    def cpp(self, *under):
        """C++ files below the given folders (everywhere when none is given)."""
        return [
            path
            for path in self.paths
            if path.endswith(CPP) and (not under or path.startswith(tuple(f + "/" for f in under)))
        ]


def room_of(path):
    """The room of a path below src/, else None."""
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None
