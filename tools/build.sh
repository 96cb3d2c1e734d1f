#!/bin/sh
# build.sh PRESET JOBS [TARGET...]: configures where that was not done, builds, and says what a build from
# scratch took.
set -eu
preset=$1
jobs=$2
shift 2
cd "$(dirname -- "$0")/.."
scratch=
if [ ! -f "build/$preset/build.ninja" ]; then
    scratch=yes
    start=$(date +%s)
    mkdir -p "build/$preset"
    cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || {
        cat "build/$preset/configure.log"
        echo "build: cmake could not configure build/$preset (above); \`make setup\` installs what it needs" >&2
        exit 1
    }
fi
cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
if [ -n "$scratch" ]; then
    seconds=$(($(date +%s) - start))
    echo "$seconds" >"build/$preset/scratch-build-seconds"
    echo "build: from scratch in $seconds s on $jobs jobs (build/$preset)"
fi
