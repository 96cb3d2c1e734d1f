"""The rules of STYLE that a program can hold. A rule is a function from the tree to its problems.

Every rule has its own test in rules_test.py: a small good and a small bad sample.
"""

import posixpath
import re
from dataclasses import dataclass

import functions
from tree import CPP, room_of

MAX_FILE_LINES = 700
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = {".h": 100, ".cc": 100, ".rs": 100, ".py": 120}
README_HEADINGS = ("What lives here", "Words", "Invariants", "May not enter", "Start reading at")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


@dataclass(frozen=True)
class Problem:
    """One broken rule: where, what, and what to do instead."""

    path: str
    line: int
    what: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


def _includes(tree, path):
    """(line, is quoted, target) of each #include."""
    text = tree.text(path)
    for found in _INCLUDE.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found.group(1) == '"', found.group(2)


def rooms(tree):
    """A file includes only its own room and the rooms that its tarn_room(... USES ...) lists."""
    for path in tree.cpp("src"):
        room = room_of(path)
        if room not in tree.rooms:
            continue
        for line, quoted, target in _includes(tree, path):
            other = target.split("/")[0]
            if not quoted or other == room or other not in tree.rooms:
                continue
            if other not in tree.rooms[room]:
                yield Problem(
                    path,
                    line,
                    f"room {room} may not use room {other} "
                    "(src/CMakeLists.txt): turn the dependency round with a port",
                )


def room_order(tree):
    """A room uses only rooms declared above it."""
    seen = set()
    for room, uses in tree.rooms.items():
        for other in sorted(uses - seen):
            yield Problem("src/CMakeLists.txt", 0, f"{room} uses {other}, which is not above it")
        seen.add(room)


def includes_from_src(tree):
    """A quoted include names a file from src/ on, so that it says its room."""
    for path in tree.cpp("src"):
        for line, quoted, target in _includes(tree, path):
            if quoted and target.split("/")[0] not in tree.rooms and "duckdb" not in target:
                yield Problem(
                    path,
                    line,
                    f'"{target}" does not start with a room: write the path '
                    "from src/ on, or <...> for what is not ours",
                )


def own_header_first(tree):
    """x.cc and x_test.cc include x.h first, which proves that it compiles alone."""
    for path in tree.cpp("src"):
        if not path.endswith(".cc"):
            continue
        own = re.sub(r"(_test)?\.cc$", ".h", path)
        if not tree.exists(own):
            continue
        first = next((target for _, _, target in _includes(tree, path)), None)
        if first != own.removeprefix("src/"):
            yield Problem(path, 1, f'include "{own.removeprefix("src/")}" first')


def pragma_once(tree):
    """A header's first line of code is #pragma once."""
    for path in tree.cpp():
        if path.endswith(".h"):
            code = [line for line in tree.bare(path).splitlines() if line.strip()]
            if not code or code[0].strip() != "#pragma once":
                yield Problem(path, 1, "#pragma once must be the first line of code")


def header_says_what_for(tree):
    """A header of a room opens with a comment: what it is for."""
    for path in tree.cpp("src"):
        if path.endswith(".h") and not tree.text(path).startswith("//"):
            yield Problem(path, 1, "open with a comment: what it is for, what it must never do")


def file_size(tree):
    """No file is longer than 700 lines (aim at 400)."""
    for path in tree.paths:
        if path.endswith(CPP + (".py", ".rs", ".sh", ".cmake")):
            lines = tree.text(path).count("\n")
            if lines > MAX_FILE_LINES:
                yield Problem(path, 0, f"{lines} lines; {MAX_FILE_LINES} is the limit: split it")


def function_size(tree):
    """No function body is longer than 70 lines."""
    for path in tree.cpp():
        for name, first, last in functions.bodies(tree.bare(path)):
            if last - first + 1 > MAX_FUNCTION_LINES:
                yield Problem(
                    path,
                    first,
                    f"{name} has {last - first + 1} lines; "
                    f"{MAX_FUNCTION_LINES} is the limit: take a step out of it",
                )


def line_length(tree):
    """No line of code is longer than 100 columns (Python: 120)."""
    for path in tree.paths:
        limit = MAX_COLUMNS.get(posixpath.splitext(path)[1])
        if limit is None:
            continue
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if len(line) > limit and not re.match(r"\s*#\s*include", line):
                yield Problem(path, number, f"{len(line)} columns; {limit} is the limit")


def readmes(tree):
    """Every room has a README with the five headings, in order."""
    for room in tree.rooms:
        path = f"src/{room}/README.md"
        if not any(other.startswith(f"src/{room}/") for other in tree.paths):
            continue
        if not tree.exists(path):
            yield Problem(path, 0, "the room has no README")
            continue
        found = re.findall(r"^## (.+?)\s*$", tree.text(path), re.MULTILINE)
        if tuple(found) != README_HEADINGS:
            yield Problem(path, 0, "the headings must be: " + ", ".join(README_HEADINGS))


def owned(tree):
    """Every C++ file belongs to a target: a room's, or one named by the CMakeLists.txt above it."""
    for path in tree.cpp():
        if path.startswith("src/"):
            if room_of(path) not in tree.rooms:
                yield Problem(path, 0, "lies in no room of src/CMakeLists.txt: no target owns it")
            continue
        folder = posixpath.dirname(path)
        while folder and not tree.exists(f"{folder}/CMakeLists.txt"):
            folder = posixpath.dirname(folder)
        listing = tree.text(f"{folder}/CMakeLists.txt") if folder else ""
        stem = posixpath.basename(path).rsplit(".", 1)[0]
        named = re.search(rf"(^|[\s/(\"]){re.escape(stem)}(\.cc)?([\s)\"]|$)", listing)
        if not path.endswith(".h") and not named and "GLOB" not in listing:
            yield Problem(path, 0, "no CMakeLists.txt above it names it: no target owns it")


def file_names(tree):
    """A file is named for what it holds."""
    banned = {"utils", "util", "helpers", "helper", "common", "manager", "impl", "misc"}
    for path in tree.paths:
        if path.endswith(CPP + (".py", ".rs")):
            words = set(re.split(r"[_.-]", posixpath.basename(path).lower()))
            if words & banned:
                yield Problem(
                    path,
                    0,
                    f"{', '.join(sorted(words & banned))} says nothing: name "
                    "what the things in it share",
                )


@dataclass(frozen=True)
class Banned:
    """A word that C++ code may not say, what to say instead, and the places that may say it."""

    word: str
    instead: str
    allowed: tuple = ()


_PORTS = ("src/base/", "src/cli/")
BANNED = (
    Banned(r"\bsystem_clock::now\b", "take a tarn::Clock", _PORTS),
    Banned(r"\bsleep_(for|until)\b|\busleep\s*\(", "take a tarn::Clock and Sleep on it", _PORTS),
    Banned(r"\bs?rand\s*\(|\brandom_device\b", "take a tarn::Random", _PORTS),
    Banned(r"\b(secure_)?getenv\s*\(", "take it as an option; only base and cli read it", _PORTS),
    Banned(
        r"\bstd::(cout|cerr|clog)\b",
        "return it, or log it; only base and cli print",
        (*_PORTS, "test/", "bench/", "fuzz/"),
    ),
    Banned(
        r"\bcatch\s*\(\s*\.\.\.\s*\)",
        "catch tarn::Error or std::exception; a thread's or a C "
        "interface's outermost frame may be listed in tools/tidy/exceptions.txt",
    ),
    Banned(r"\bGTEST_SKIP\s*\(\s*\)\s*;", "say why and what would let it run: GTEST_SKIP() << ..."),
    Banned(r"\bDISABLED_", "repair the test, or skip it with its reason"),
    Banned(
        r"\bduckdb(::|_[a-z])|#\s*include\s*[\"<]duckdb",
        "go through engine's ports",
        ("src/engine/duck/", "bench/"),
    ),
)


def banned_words(tree):
    """Words that have a better one (BANNED)."""
    for path in tree.cpp():
        for number, line in enumerate(tree.bare(path).split("\n"), 1):
            for banned in BANNED:
                if re.search(banned.word, line) and not path.startswith(banned.allowed or ("\0",)):
                    word = re.search(banned.word, line).group().strip()
                    yield Problem(path, number, f"{word}: {banned.instead}")


def unfinished(tree):
    """No note to do something later stands in a comment."""
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
    for path in tree.paths:
        if path.endswith(CPP + (".py", ".rs", ".sh", ".cmake", ".sql", ".yml")):
            for number, line in enumerate(tree.text(path).split("\n"), 1):
                if mark.search(line):
                    yield Problem(path, number, "do it, or write an issue")


_HOSTS = re.compile(
    "|".join(
        host.replace("+", r"\.")
        for host in (
            "registry+npmjs+org",
            "registry+yarnpkg+com",
            "pypi+org",
            "pythonhosted+org",
            "static+crates+io",
            "index+crates+io",
            "deb+debian+org",
            "security+debian+org",
            "proxy+golang+org",
            "repo1?+maven",
        )
    )
)
_MACHINE = re.compile(r"(?<![\w.$}/-])/(?:work|root|home/[a-z]+)/[\w.-]")


def registry_hosts(tree):
    """No registry is named by its host: the user's own client settings decide where it is."""
    for path, number, line in _all_lines(tree):
        if _HOSTS.search(line):
            yield Problem(path, number, "names a registry's host: use the client's own settings")


def machine_paths(tree):
    """No path of one machine stands in the tree."""
    for path, number, line in _all_lines(tree):
        if _MACHINE.search(line):
            yield Problem(
                path,
                number,
                "names a folder of one machine: take it from the "
                "environment or count from the root of the tree",
            )


def _all_lines(tree):
    for path in tree.paths:
        text = tree.text(path)
        if "\0" in text[:4096]:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            yield path, number, line


def links(tree):
    """A relative link of a page leads somewhere."""
    for path in tree.paths:
        if not path.endswith(".md"):
            continue
        text = re.sub(
            r"```.*?```|`[^`\n]*`",
            lambda m: "\n" * m.group().count("\n"),
            tree.text(path),
            flags=re.DOTALL,
        )
        for found in re.finditer(r"\]\(([^)\s#]+)(#[^)\s]*)?\)", text):
            target = found.group(1)
            if re.match(r"[a-z]+:", target) or target.startswith("../shared"):
                continue
            whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if not tree.exists(whole):
                line = text.count("\n", 0, found.start()) + 1
                yield Problem(path, line, f"the link {target} leads nowhere")


RULES = (
    rooms,
    room_order,
    includes_from_src,
    own_header_first,
    pragma_once,
    header_says_what_for,
    file_size,
    function_size,
    line_length,
    readmes,
    owned,
    file_names,
    banned_words,
    unfinished,
    registry_hosts,
    machine_paths,
    links,
)
