"""See mesonpy.py: what the DuckDB package's own back-end imports."""

from mesonpy import (  # noqa: F401
    build_sdist,
    build_wheel,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_wheel,
)


def _unused(*_arguments, **_options):
    raise RuntimeError("only the source archive is wanted; nothing is built from it by pip")


build_editable = get_requires_for_build_editable = _unused
get_requires_for_build_sdist = prepare_metadata_for_build_editable = _unused
