"""Program headers: bits and processor of PE, ELF and Mach-O."""

import sys
from pathlib import Path

import pytest
from computers.program_files import elf, fat, mach, pe
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.browsers.executable import Executable, ReadAt, read_executable
from natwizard.probes.browsers.windows import read_pe_version


def reader(content: bytes) -> ReadAt:
    return lambda offset, length: content[offset : offset + length]


@pytest.mark.parametrize(
    ("content", "bits", "machine"),
    [
        (pe("x86-64"), 64, "x86-64"),
        (pe("x86"), 32, "x86"),
        (pe("arm64"), 64, "arm64"),
        (elf("x86-64"), 64, "x86-64"),
        (elf("x86"), 32, "x86"),
        (elf("arm"), 32, "arm"),
        (elf("arm64"), 64, "arm64"),
        (mach("arm64"), 64, "arm64"),
        (mach("x86"), 32, "x86"),
        (fat("x86-64", "arm64"), 64, "x86-64, arm64"),
        (fat("x86"), 32, "x86"),
    ],
)
def test_a_header_tells_bits_and_processor(content: bytes, bits: int, machine: str) -> None:
    assert read_executable(reader(content)) == Executable(bits=bits, machine=machine)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ",
        b"#!/bin/sh\nexec chrome\n",
        b"\x7fELF",
        b"\x7fELF\x03\x01" + bytes(60),
        bytes.fromhex("cafebabe 0000 0041 0a00 0600"),  # a Java class file of version 65
        b"MZ" + bytes(58) + b"\xff\xff\xff\x7f",
        fat("x86-64")[:10],
    ],
)
def test_what_is_no_program_is_none(content: bytes) -> None:
    assert read_executable(reader(content)) is None


def test_the_interpreter_of_this_test_is_read_right() -> None:
    content = Path(sys.executable).resolve().read_bytes()
    found = read_executable(reader(content))
    assert found is not None
    assert found.bits == (64 if sys.maxsize > 2**32 else 32)


@given(st.binary(max_size=512))
def test_junk_is_answered_with_none_or_a_value(junk: bytes) -> None:
    for magic in (b"", b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"):
        found = read_executable(reader(magic + junk))
        assert found is None or found.bits in (32, 64)


@pytest.mark.parametrize("machine", ["x86", "x86-64", "arm64"])
def test_the_version_of_a_windows_program_is_in_its_resources(machine: str) -> None:
    assert read_pe_version(reader(pe(machine, "158.0.8145.22"))) == "158.0.8145.22"


@pytest.mark.parametrize(
    "content", [b"", pe("x86-64"), elf("x86-64"), pe("x86-64", "1.2.3.4")[:0x600], b"MZ" * 64]
)
def test_a_program_without_a_version_has_an_empty_one(content: bytes) -> None:
    assert read_pe_version(reader(content)) == ""


@given(st.integers(0, len(pe("x86-64", "1.2.3.4")) - 4), st.binary(min_size=1, max_size=4))
def test_a_damaged_program_never_breaks_the_reader(place: int, damage: bytes) -> None:
    content = bytearray(pe("x86-64", "1.2.3.4"))
    content[place : place + len(damage)] = damage
    assert isinstance(read_pe_version(reader(bytes(content))), str)
    read_executable(reader(bytes(content)))
