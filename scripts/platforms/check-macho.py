#!/usr/bin/env python3
"""check-macho.py ADDON LIBRARY PROCESSOR MACOS: what macOS's loader will ask of the addon, checked without a Mac.

Prints a line that begins with BAD for everything that would not load, and one about the system it needs. Needs lief.
"""
import hashlib
import struct
import sys

import lief

SIGNATURE_CODE_DIRECTORY = 0
AD_HOC = 0x2
FLAT_LOOKUP = -2


def only(path, processor):
    """The part of a Mach-O file for one processor."""
    wanted = "ARM64" if processor == "arm64" else "X86_64"
    parts = lief.MachO.parse(path)
    found = [part for part in (parts.at(i) for i in range(parts.size)) if wanted in str(part.header.cpu_type)]
    return found[0] if found else None


def signature_fault(path, binary):
    """arm64 runs nothing whose pages do not have the hashes that its signature states."""
    data = open(path, "rb").read()
    start = binary.code_signature.data_offset
    blob = data[start : start + binary.code_signature.data_size]
    _, _, count = struct.unpack(">III", blob[:12])
    index = [struct.unpack(">II", blob[12 + 8 * i : 20 + 8 * i]) for i in range(count)]
    directory = blob[next(offset for kind, offset in index if kind == SIGNATURE_CODE_DIRECTORY) :]
    fields = struct.unpack(">IIIIIIIIIBBBB", directory[:40])
    flags, hashes, pages, limit, hash_size, page_bits = fields[3], fields[4], fields[7], fields[8], fields[9], fields[12]
    page = 1 << page_bits
    for i in range(pages):
        digest = hashlib.sha256(data[i * page : min((i + 1) * page, limit)]).digest()
        if digest != directory[hashes + i * hash_size : hashes + (i + 1) * hash_size]:
            return f"page {i} does not have the hash of the signature"
    if not flags & AD_HOC or limit != start:
        return "the signature is not an ad-hoc one over the whole file"
    return None


def faults(addon_path, library_path, processor, newest_macos):
    addon, library = only(addon_path, processor), only(library_path, processor)
    if addon is None or library is None:
        yield f"addon or library has no code for {processor}"
        return
    libraries = {entry.name for entry in addon.libraries if "LOAD_DYLIB" in str(entry.command)}
    expected = {"/usr/lib/libSystem.B.dylib", "@rpath/" + library_path.rsplit("/", 1)[-1]}
    if libraries != expected:
        yield f"libraries {sorted(libraries)} in place of {sorted(expected)}"
    rpaths = [command.path for command in addon.commands if isinstance(command, lief.MachO.RPathCommand)]
    if rpaths != ["@loader_path"]:
        yield f"rpaths {rpaths}"
    for name, part in (("addon", addon), ("library", library)):
        if list(part.build_version.minos)[0] > newest_macos:
            yield f"the {name} needs macOS {part.build_version.minos}"
    exported = {symbol.name for symbol in addon.exported_symbols}
    for entry in ("_napi_register_module_v1", "_node_api_module_get_api_version_v1"):
        if entry not in exported:
            yield f"{entry} is not exported"
    bound = [(binding.symbol.name, binding.library_ordinal) for binding in addon.bindings if binding.has_symbol]
    node = {name: ordinal for name, ordinal in bound if name.startswith(("_napi_", "_node_api_"))}
    if not node:
        yield "no function of Node-API is bound"
    for name, ordinal in node.items():
        if ordinal != FLAT_LOOKUP:
            yield f"{name} is looked for in library {ordinal}, not in the running program"
    offered = {symbol.name for symbol in library.exported_symbols}
    for name, _ in bound:
        if name.startswith(("_mj", "__mj")) and name not in offered:
            yield f"the library does not export {name}"
    if processor == "arm64":
        fault = signature_fault(addon_path, addon)
        if fault:
            yield fault
    print(f"macOS {'.'.join(map(str, addon.build_version.minos))}, {len(node)} functions of Node-API")


if __name__ == "__main__":
    addon_file, library_file, cpu, macos = sys.argv[1:5]
    found = list(faults(addon_file, library_file, cpu, int(macos)))
    for line in found:
        print("BAD " + line)
    sys.exit(bool(found))
