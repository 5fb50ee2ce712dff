"""Reads from a program's own header how many bits it has and for which processor it is.

Sources: Microsoft PE Format (COFF file header, optional header magic), System V ABI
(e_ident, e_machine), Apple <mach-o/loader.h> and <mach-o/fat.h>.
"""

import struct
from collections.abc import Callable

from msgspec import Struct

ReadAt = Callable[[int, int], bytes]
"""(offset, length) -> at most that many bytes of the file; fewer at its end."""

# IMAGE_FILE_MACHINE_* of the PE format
PE_MACHINES = {0x014C: (32, "x86"), 0x8664: (64, "x86-64"), 0xAA64: (64, "arm64")}
PE_MACHINES |= {0x01C4: (32, "arm"), 0xA641: (64, "arm64")}
# e_machine of the System V ABI: EM_386, EM_ARM, EM_X86_64, EM_AARCH64, EM_RISCV
ELF_MACHINES = {3: "x86", 40: "arm", 62: "x86-64", 183: "arm64", 243: "riscv"}
# cputype of <mach/machine.h>; the 64-bit ones have CPU_ARCH_ABI64 (0x01000000) set
MACH_MACHINES = {
    7: (32, "x86"),
    0x01000007: (64, "x86-64"),
    12: (32, "arm"),
    0x0100000C: (64, "arm64"),
}

# MH_MAGIC and MH_MAGIC_64 as they lie in the file, in either byte order
MACH_THIN = {
    b"\xce\xfa\xed\xfe": "<",
    b"\xcf\xfa\xed\xfe": "<",
    b"\xfe\xed\xfa\xce": ">",
    b"\xfe\xed\xfa\xcf": ">",
}
# FAT_MAGIC and FAT_MAGIC_64, with the size of fat_arch and fat_arch_64 behind them
MACH_FAT = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}
FAT_ARCHITECTURES = 8
"""More than that is a Java class file, which begins with the same four bytes."""


class Executable(Struct, frozen=True, kw_only=True):
    """What a program is built for; `machine` lists every processor of a fat one."""

    bits: int
    machine: str


def read_executable(read: ReadAt) -> Executable | None:
    """Tell PE, ELF and Mach-O apart; None for anything else. OSErrors of `read` pass through."""
    head = read(0, 64)
    try:
        if head[:2] == b"MZ":
            return _read_pe(head, read)
        if head[:4] == b"\x7fELF":
            return _read_elf(head)
        if head[:4] in MACH_THIN:
            return _mach((struct.unpack_from(MACH_THIN[head[:4]] + "I", head, 4)[0],))
        if head[:4] in MACH_FAT:
            return _read_fat(read, MACH_FAT[head[:4]])
    except struct.error:
        return None
    return None


def _read_pe(head: bytes, read: ReadAt) -> Executable | None:
    # e_lfanew: where the PE header begins
    (place,) = struct.unpack_from("<I", head, 0x3C)
    coff = read(place, 26)
    if coff[:4] != b"PE\0\0":
        return None
    (machine,) = struct.unpack_from("<H", coff, 4)
    (magic,) = struct.unpack_from("<H", coff, 24)
    # 0x20B is PE32+: programs with 64-bit addresses
    bits, name = PE_MACHINES.get(machine, (64 if magic == 0x20B else 32, f"{machine:#06x}"))
    return Executable(bits=bits, machine=name)


def _read_elf(head: bytes) -> Executable | None:
    wide, endian = struct.unpack_from("BB", head, 4)
    bits, order = {1: 32, 2: 64}.get(wide), {1: "<", 2: ">"}.get(endian)
    if bits is None or order is None:
        return None
    (machine,) = struct.unpack_from(order + "H", head, 18)
    return Executable(bits=bits, machine=ELF_MACHINES.get(machine, f"elf {machine}"))


def _read_fat(read: ReadAt, entry_size: int) -> Executable | None:
    (count,) = struct.unpack(">I", read(4, 4))
    if not 1 <= count <= FAT_ARCHITECTURES:
        return None
    table = read(8, count * entry_size)
    return _mach(
        tuple(struct.unpack_from(">I", table, place * entry_size)[0] for place in range(count))
    )


def _mach(cpu_types: tuple[int, ...]) -> Executable | None:
    found = [MACH_MACHINES[cpu] for cpu in cpu_types if cpu in MACH_MACHINES]
    if not found:
        return None
    return Executable(
        bits=max(bits for bits, _name in found), machine=", ".join(name for _bits, name in found)
    )
