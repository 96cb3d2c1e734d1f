"""Fetches pinned archives by their registry's own client and unpacks them, whole or not at all.

Every file and folder appears under its final name only when it is complete and its hash is right:
a killed or broken download leaves nothing that a later run would trust. The caller holds the
set-up's lock.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pins

MARKER = ".tarn-pin"


class SetupError(Exception):
    """A step that failed: what happened, and what the user can do about it."""

    def __init__(self, what, todo):
        super().__init__(f"{what}\n  What to do: {todo}")


def call(command, todo, **options):
    """Runs a program quietly; what it said is shown only when it fails."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            **options,
        )
    except OSError as error:
        raise SetupError(f"cannot start {command[0]}: {error.strerror}", todo) from error
    if done.returncode != 0:
        tail = "\n    ".join(done.stdout.strip().splitlines()[-15:])
        raise SetupError(f"failed: {' '.join(map(str, command))}\n    {tail}", todo)
    return done.stdout


def sha256(path):
    whole = hashlib.sha256()
    with open(path, "rb") as data:
        while block := data.read(1 << 20):
            whole.update(block)
    return whole.hexdigest()


def whole(path, expected):
    """True when the file is there and has the pinned hash."""
    return path.is_file() and sha256(path) == expected


def marked(folder, pin):
    """True when the folder was completed for this very pin."""
    try:
        return (folder / MARKER).read_text(encoding="utf-8").strip() == pin
    except OSError:
        return False


def install_folder(made, target, pin):
    """Puts a complete folder in its place by rename, moving an older one out of the way."""
    (made / MARKER).write_text(pin + "\n", encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".old-{target.name}-{os.getpid()}")
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def workplace(near):
    """A fresh folder on the same file system as `near`, removed with the `with` block."""
    near.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix=".work-", dir=near, ignore_cleanup_errors=True)


def _client_command(archive, folder, python, fresh):
    if archive.client == "npm":
        return [
            "npm",
            "pack",
            archive.spec,
            "--pack-destination",
            str(folder),
            *(["--prefer-online"] if fresh else []),
        ]
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{archive.spec} --hash=sha256:{archive.sha256}\n", encoding="utf-8")
    return [
        str(python),
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-binary",
        ":all:",
        "--no-build-isolation",
        "--use-pep517",
        "--require-hashes",
        "-r",
        str(wanted),
        "-d",
        str(folder),
        *(["--no-cache-dir"] if fresh else []),
    ]


def download(archive, python, cache=None):
    """Returns the archive's path under dl/, fetching it unless the pinned file is there."""
    shelf = (cache or pins.CACHE) / "dl"
    target = shelf / archive.file
    if whole(target, archive.sha256):
        return target
    if target.exists():
        print(
            f"setup: {archive.file} is broken (its hash is not the pinned one): fetching it again",
            flush=True,
        )
        target.unlink()
    todo = (
        f"check that the {archive.client} registry can be reached (proxy, mirror and "
        f"certificate settings of {archive.client} are honoured), then run `make setup` again; or "
        f"put the file {archive.file} with "
        f"sha256 {archive.sha256} into {shelf} by hand"
    )
    for fresh in (False, True):
        with workplace(shelf) as folder:
            folder = Path(folder)
            environment = dict(os.environ, PYTHONPATH=str(pins.SETUP_DIR / "source_backend"))
            try:
                call(
                    _client_command(archive, folder, python, fresh),
                    todo,
                    env=environment,
                    cwd=folder,
                )
            except SetupError:
                if fresh:
                    raise
                continue
            made = folder / archive.file
            if whole(made, archive.sha256):
                made.rename(target)
                return target
    raise SetupError(f"{archive.spec}: the registry gave a file that is not the pinned one", todo)


def unpack(part, archives, cache=None):
    """Puts one part together from its archives ({file name: path}) and installs it under deps/."""
    deps = (cache or pins.CACHE) / "deps"
    with workplace(deps) as place:
        made = Path(place) / part.folder
        for file in sorted({source[0].file for source in part.sources}):
            sources = [
                (prefix, target) for archive, prefix, target in part.sources if archive.file == file
            ]
            _extract(archives[file], sources, made)
        if not (made / part.probe).is_file():
            raise SetupError(
                f"{part.folder}: {part.probe} is not in the archives",
                "the pins and the archive do not fit together; report it with this line",
            )
        install_folder(made, deps / part.folder, part_pin(part))


def _extract(archive, sources, made):
    with tarfile.open(archive) as tar:
        for member in tar:
            for prefix, target in sources:
                if not member.isfile() or not member.name.startswith(prefix):
                    continue
                place = target + member.name[len(prefix) :]
                if ".." in Path(place).parts or Path(place).is_absolute():
                    raise SetupError(
                        f"{archive}: a path that leaves its folder: {member.name}", "report it"
                    )
                path = made / place
                path.parent.mkdir(parents=True, exist_ok=True)
                with tar.extractfile(member) as data, open(path, "wb") as out:
                    shutil.copyfileobj(data, out, 1 << 20)
                # The archive's own time: a second unpacking must not look newer to the build.
                os.utime(path, (member.mtime, member.mtime))


def part_pin(part):
    """What a folder's marker says: the archives and how they were laid out."""
    return pins.digest(
        *(f"{archive.sha256} {prefix} {target}" for archive, prefix, target in part.sources)
    )
