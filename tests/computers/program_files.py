"""Makes minimal but true program files: PE with a version resource, ELF, Mach-O thin and fat.

Each is valid down to what its format's loader reads first (headers, section table, resource
tree); none holds code that does anything. Layouts: Microsoft PE Format and VS_VERSIONINFO,
System V ABI, Apple <mach-o/loader.h> and <mach-o/fat.h>.
"""

import struct

PE_MACHINES = {"x86": 0x014C, "x86-64": 0x8664, "arm64": 0xAA64}
ELF_MACHINES = {"x86": 3, "arm": 40, "x86-64": 62, "arm64": 183}
MACH_SUBTYPES = {"x86": 3, "x86-64": 3, "arm64": 0}
MACH_CPUS = {"x86": 7, "x86-64": 0x01000007, "arm64": 0x0100000C}

RESOURCE_ADDRESS = 0x2000
FILE_ALIGNMENT = 0x200


def version_info(version: str) -> bytes:
    """A VS_VERSIONINFO block with its VS_FIXEDFILEINFO and no texts."""
    a, b, c, d = (int(part) for part in version.split("."))
    fixed = struct.pack(
        "<13I", 0xFEEF04BD, 0x00010000, a << 16 | b, c << 16 | d, a << 16 | b, c << 16 | d,
        0x3F, 0, 0x40004, 1, 0, 0, 0,
    )  # fmt: skip
    key = "VS_VERSION_INFO\0".encode("utf-16-le")
    head_length = (6 + len(key) + 3) & ~3
    head = struct.pack("<3H", head_length + len(fixed), len(fixed), 0) + key
    return head.ljust(head_length, b"\0") + fixed


def resource_section(version: str) -> bytes:
    """The tree type 16 (version) > name 1 > language 1033 > data."""
    info = version_info(version)

    def directory(key: int, target: int) -> bytes:
        return struct.pack("<IIHHHHII", 0, 0, 0, 0, 0, 1, key, target)

    level = 24
    tree = directory(16, 0x80000000 | level)
    tree += directory(1, 0x80000000 | 2 * level)
    tree += directory(1033, 3 * level)
    tree += struct.pack("<IIII", RESOURCE_ADDRESS + 3 * level + 16, len(info), 0, 0)
    return tree + info


def pe(machine: str, version: str = "") -> bytes:
    """A PE program; without a version it has no resources."""
    wide = machine != "x86"
    resources = resource_section(version) if version else b""
    directories = [(0, 0)] * 16
    if resources:
        directories[2] = (RESOURCE_ADDRESS, len(resources))
    optional = struct.pack(
        "<HBBIIIII", 0x20B if wide else 0x10B, 14, 0, 0x200, len(resources), 0, 0x1000, 0x1000
    )
    optional += (
        struct.pack("<QII", 0x140000000, 0x1000, FILE_ALIGNMENT)
        if wide
        else (struct.pack("<IIII", 0x2000, 0x400000, 0x1000, FILE_ALIGNMENT))
    )
    optional += struct.pack("<HHHHHHIIIIHH", 6, 0, 0, 0, 6, 0, 0, 0x4000, 0x400, 0, 2, 0)
    optional += struct.pack(
        "<QQQQII" if wide else "<IIIIII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16
    )
    optional += b"".join(struct.pack("<II", *directory) for directory in directories)
    sections = [(b".text", 0x1000, b"\xc3"), (b".rsrc", RESOURCE_ADDRESS, resources)]
    sections = sections if resources else sections[:1]
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    head += b"PE\0\0" + struct.pack(
        "<HHIIIHH", PE_MACHINES[machine], len(sections), 0, 0, 0, len(optional),
        0x0022 if wide else 0x0102,
    )  # fmt: skip
    head += optional
    place, table, bodies = 0x400, b"", b""
    for name, address, content in sections:
        size = -(-len(content) // FILE_ALIGNMENT) * FILE_ALIGNMENT
        flags = 0x60000020 if name == b".text" else 0x40000040
        table += struct.pack(
            "<8sIIIIIIHHI", name, len(content), address, size, place, 0, 0, 0, 0, flags
        )
        bodies += content.ljust(size, b"\0")
        place += size
    return (head + table).ljust(0x400, b"\0") + bodies


def elf(machine: str) -> bytes:
    """An ELF program with no sections and no segments."""
    wide = machine in ("x86-64", "arm64")
    identity = b"\x7fELF" + bytes((2 if wide else 1, 1, 1)) + bytes(9)
    rest = struct.pack("<HHI", 2, ELF_MACHINES[machine], 1)
    rest += struct.pack("<QQQ" if wide else "<III", 0, 0, 0)
    size = 64 if wide else 52
    return identity + rest + struct.pack("<IHHHHHH", 0, size, 0, 0, 0, 0, 0)


def mach(machine: str) -> bytes:
    """A thin Mach-O program without load commands."""
    wide = machine != "x86"
    magic = 0xFEEDFACF if wide else 0xFEEDFACE
    return struct.pack(
        "<IIIIIII", magic, MACH_CPUS[machine], MACH_SUBTYPES[machine], 2, 0, 0, 0x85
    ) + bytes(4 * wide)


def fat(*machines: str) -> bytes:
    """A fat Mach-O with one thin program for each processor."""
    table, bodies, place = struct.pack(">II", 0xCAFEBABE, len(machines)), b"", 0x1000
    for machine in machines:
        content = mach(machine)
        table += struct.pack(
            ">IIIII", MACH_CPUS[machine], MACH_SUBTYPES[machine], place, len(content), 12
        )
        bodies += content.ljust(0x100, b"\0")
        place += 0x100
    return table.ljust(0x1000, b"\0") + bodies
