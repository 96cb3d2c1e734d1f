"""`make bench`: Tarn against DuckDB itself and against peers, as ratios in one run.

DuckDB is the same library in the same process. The floor of a scan is read_parquet over the very files of the table;
the floor of an append is COPY of the same rows with the same codec and row groups, synced as Tarn's commit is; that of
opening a table is a raw read of its checkpoint. Peers that are not installed are named. Data is made once, below the
cache's folder `bench`.
"""
import argparse
import os
import platform
import sys

import changes
import checkpoints
import dml
import files
import lake
import logs
import own
import peers
import pipeline
import report
import tending
import tpch

GROUPS = {**own.GROUPS, **logs.GROUPS, **checkpoints.GROUPS, **files.GROUPS, **tpch.GROUPS, **dml.GROUPS,
          **tending.GROUPS, **pipeline.GROUPS, **changes.GROUPS}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pairs and rows, to try the programme itself")
    parser.add_argument("--only", default=",".join(GROUPS), help=f"some of {','.join(GROUPS)}")
    parser.add_argument("--pairs", type=int, help="how many pairs, where not 15")
    parser.add_argument("--huge", action="store_true", help="also a log of 10,000,000 files, and VACUUM of a million")
    parser.add_argument("--sf10", action="store_true", help="also TPC-H at scale 10")
    parser.add_argument("--get-peers", action="store_true", help="first install the peers that are not there")
    options = parser.parse_args()
    options.pairs = options.pairs or (3 if options.quick else 15)
    options.rows, options.files = (1_000_000, 100_000) if options.quick else (10_000_000, 1_000_000)
    unknown = [name for name in options.only.split(",") if name not in GROUPS]
    if unknown:
        sys.exit(f"unknown group {unknown[0]}: known are {', '.join(GROUPS)}")
    if options.get_peers:
        peers.install()
        pipeline.install()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}, "
          f"{options.rows:,} rows, {options.files:,} files, {options.pairs} interleaved pairs\n")
    report.head()
    for name in options.only.split(","):
        with lake.scratch() as folder:
            GROUPS[name](folder, options)


if __name__ == "__main__":
    main()
