"""Reads the version of a Windows program from its file, so that it never has to be started.

Sources: Microsoft PE Format (section table, .rsrc directory), VS_FIXEDFILEINFO (verrsrc.h).
"""

import struct

from msgspec import Struct

from natwizard.probes.executable import ReadAt

RT_VERSION = 16
RESOURCE_DIRECTORY = 2
FIXED_INFO = struct.pack("<I", 0xFEEF04BD)
SUBDIRECTORY = 0x80000000
LARGEST_HEADER = 4096
LARGEST_VERSION = 64 * 1024
LARGEST_DIRECTORY = 1024


class _Section(Struct, frozen=True, kw_only=True):
    address: int
    size: int
    file_offset: int


def read_pe_version(read: ReadAt) -> str:
    """ "158.0.8120.45", or empty where the file has no version. OSErrors pass through."""
    try:
        return _read_version(read)
    except (struct.error, _NoResource):
        return ""


class _NoResource(Exception):
    """The file has no version resource, or one that leads nowhere."""


def _read_version(read: ReadAt) -> str:
    header = read(0, LARGEST_HEADER)
    (place,) = struct.unpack_from("<I", header, 0x3C)
    if header[:2] != b"MZ" or header[place : place + 4] != b"PE\0\0":
        raise _NoResource
    sections, resources = _sections(header, place)
    root = _file_offset(sections, resources)
    name = _entry(read, root, 0, RT_VERSION)
    language = _entry(read, root, name, None)
    data = _entry(read, root, language, None)
    address, size = struct.unpack("<II", read(root + data, 8))
    info = read(_file_offset(sections, address), min(size, LARGEST_VERSION))
    found = info.find(FIXED_INFO)
    if found < 0:
        raise _NoResource
    high, low = struct.unpack_from("<II", info, found + 8)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _sections(header: bytes, place: int) -> tuple[list[_Section], int]:
    """The section table, and the address of the resources."""
    count, optional_size = struct.unpack_from("<H12xH", header, place + 6)
    optional = place + 24
    (magic,) = struct.unpack_from("<H", header, optional)
    directories = optional + (112 if magic == 0x20B else 96)
    (resources,) = struct.unpack_from("<I", header, directories + 8 * RESOURCE_DIRECTORY)
    sections = []
    for number in range(min(count, 96)):
        start = optional + optional_size + 40 * number
        size, address, raw_size, raw = struct.unpack_from("<IIII", header, start + 8)
        sections.append(_Section(address=address, size=max(size, raw_size), file_offset=raw))
    return sections, resources


def _file_offset(sections: list[_Section], address: int) -> int:
    for section in sections:
        if section.address <= address < section.address + section.size:
            return section.file_offset + address - section.address
    raise _NoResource


def _entry(read: ReadAt, root: int, directory: int, wanted: int | None) -> int:
    """Where the wanted (or the first) entry of a resource directory points, from the root."""
    start = root + (directory & ~SUBDIRECTORY)
    named, numbered = struct.unpack("<HH", read(start + 12, 4))
    count = min(named + numbered, LARGEST_DIRECTORY)
    table = read(start + 16, 8 * count)
    for number in range(count):
        key, target = struct.unpack_from("<II", table, 8 * number)
        if wanted is None or key == wanted:
            return int(target)
    raise _NoResource
