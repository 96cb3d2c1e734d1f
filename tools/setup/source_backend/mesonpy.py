"""A PEP 517 build back-end that only names the source package.

`pip download` insists on a package's metadata, for which it would fetch and run the package's build
back-end. The set-up wants the archive and nothing else, so it puts this folder on the path, under
the names of the back-ends that the pinned packages ask for: name and version are read from
PKG-INFO, no other package is fetched and nothing is built.
"""

import os


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    fields = {}
    with open("PKG-INFO", encoding="utf-8") as lines:
        for line in lines:
            if not line.strip():
                break
            key, _, value = line.partition(":")
            fields.setdefault(key, value.strip())
    folder = "{}-{}.dist-info".format(fields["Name"].replace("-", "_"), fields["Version"])
    os.mkdir(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w", encoding="utf-8") as out:
        out.write("Metadata-Version: 2.1\nName: {Name}\nVersion: {Version}\n".format(**fields))
    return folder


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    raise RuntimeError("only the source archive is wanted; nothing is built from it by pip")


def build_sdist(sdist_directory, config_settings=None):
    raise RuntimeError("only the source archive is wanted; nothing is built from it by pip")
