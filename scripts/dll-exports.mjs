// The names a Windows library exports, read from its PE headers (Microsoft, "PE Format", sections "Export Directory
// Table" and "Section Table"): from them the linker makes the import library that wheels do not carry.

/** @returns text of a module definition file */
export function exportDefinition(library, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = view.getUint32(0x3c, true);
  const sectionCount = view.getUint16(header + 6, true);
  const optional = header + 24;
  const isPlus = view.getUint16(optional, true) === 0x20b;
  const sections = optional + view.getUint16(header + 20, true);
  const fileOffset = (address) => {
    for (let i = 0; i < sectionCount; i++) {
      const section = sections + 40 * i;
      const start = view.getUint32(section + 12, true);
      const size = Math.max(view.getUint32(section + 8, true), view.getUint32(section + 16, true));
      if (address >= start && address < start + size) return address - start + view.getUint32(section + 20, true);
    }
    throw new Error(`${library}: no section holds address ${address}`);
  };
  const table = fileOffset(view.getUint32(optional + (isPlus ? 112 : 96), true));
  const count = view.getUint32(table + 24, true);
  const names = fileOffset(view.getUint32(table + 32, true));
  const exports = Array.from({ length: count }, (_, i) => {
    const start = fileOffset(view.getUint32(names + 4 * i, true));
    return Buffer.from(bytes.subarray(start, bytes.indexOf(0, start))).toString('latin1');
  });
  return `LIBRARY ${library}\nEXPORTS\n${exports.map((name) => `  ${name}\n`).join('')}`;
}
