"""Two operations on shared libraries of x86-64 and arm64 Linux, for which images need no compiler and no binutils.

After the System V ABI (ELF header, program header, hash table) and the Linux Standard Base (symbol versions).
"""

import struct
from dataclasses import dataclass

HEADER_BYTES, SEGMENT_BYTES, SYMBOL_BYTES = 64, 56, 24
MACHINES = {"x86_64": 62, "aarch64": 183}
LOAD, DYNAMIC = 1, 2
READ_WRITE = 6
PAGE_BYTES = 0x10000
"""The largest that either machine uses."""


def without_sections(library: bytes) -> bytes:
    """The library cut off behind what is loaded: debugging information and all names that only debuggers read go.

    Anything that is no 64-bit ELF file comes back as it is.
    """
    if library[:5] != b"\x7fELF\x02":
        return library
    first, count = struct.unpack_from("<Q", library, 32)[0], struct.unpack_from("<H", library, 56)[0]
    segments = [struct.unpack_from("<IIQQQQQQ", library, first + number * SEGMENT_BYTES) for number in range(count)]
    end = max([first + count * SEGMENT_BYTES, *(offset + size for _, _, offset, _, _, size, _, _ in segments)])
    cut = bytearray(library[:end])
    cut[40:48] = bytes(8)  # where the section headers were
    cut[58:64] = bytes(6)  # their size, their number, and which of them has the names
    return bytes(cut)


@dataclass(frozen=True, slots=True)
class _Part:
    offset: int
    content: bytes


def empty_library(name: str, machine: str) -> bytes:
    """A library that loads under `name`, has the symbol version `name`, and no symbols.

    What is linked against the real one loads with it, as long as functions are bound when they are first called.
    """
    strings = b"\0" + name.encode() + b"\0"
    symbols_at = HEADER_BYTES + 2 * SEGMENT_BYTES
    strings_at = symbols_at + SYMBOL_BYTES
    hash_at = _aligned(strings_at + len(strings))
    versions_of_symbols_at = hash_at + 16
    versions_at = versions_of_symbols_at + 8
    versions = _version(name, 1, index=1, following=28) + _version(name, 0, index=2, following=0)
    dynamic_at = _aligned(versions_at + len(versions))
    dynamic = b"".join(
        struct.pack("<QQ", *entry)
        for entry in (
            (14, 1),  # DT_SONAME
            (4, hash_at),  # DT_HASH
            (5, strings_at),  # DT_STRTAB
            (6, symbols_at),  # DT_SYMTAB
            (10, len(strings)),  # DT_STRSZ
            (11, SYMBOL_BYTES),  # DT_SYMENT
            (0x6FFFFFF0, versions_of_symbols_at),  # DT_VERSYM
            (0x6FFFFFFC, versions_at),  # DT_VERDEF
            (0x6FFFFFFD, 2),  # DT_VERDEFNUM
            (0, 0),  # DT_NULL
        )
    )
    size = dynamic_at + len(dynamic)
    parts = (
        _Part(0, _header(machine)),
        _Part(HEADER_BYTES, _segment(LOAD, 0, size, PAGE_BYTES) + _segment(DYNAMIC, dynamic_at, len(dynamic), 8)),
        _Part(strings_at, strings),
        _Part(hash_at, struct.pack("<IIII", 1, 1, 0, 0)),  # one bucket, one symbol, both the absent one
        _Part(versions_at, versions),
        _Part(dynamic_at, dynamic),
    )
    library = bytearray(size)
    for part in parts:
        library[part.offset : part.offset + len(part.content)] = part.content
    return bytes(library)


def _aligned(offset: int) -> int:
    return -(-offset // 8) * 8


def _header(machine: str) -> bytes:
    identity = b"\x7fELF\x02\x01\x01" + bytes(9)  # 64 bits, little-endian, version 1
    rest = (3, MACHINES[machine], 1, 0, HEADER_BYTES, 0, 0, HEADER_BYTES, SEGMENT_BYTES, 2, 0, 0, 0)
    return identity + struct.pack("<HHIQQQIHHHHHH", *rest)


def _segment(kind: int, offset: int, size: int, alignment: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, READ_WRITE, offset, offset, offset, size, size, alignment)


def _version(name: str, base: int, *, index: int, following: int) -> bytes:
    return struct.pack("<HHHHIII", 1, base, index, 1, _hash(name), 20, following) + struct.pack("<II", 1, 0)


def _hash(name: str) -> int:
    value = 0
    for byte in name.encode():
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high
    return value
