/**
 * A small 6502 assembler for cartridges of the tests: labels (`name:`), constants (`name = $80`), `.org`, `.byte`, `.word`,
 * comments from `;` on; operands are `#n`, `n`, `n,x`, `n,y` with n a number, `%` bits, `$` hex, a name, `<name`, `>name`.
 * Zero page is used for values below 256 that are known when the line is met.
 */
export function assemble(source: string): Uint8Array {
  const names = new Map<string, number>();
  // Two passes: the first finds the labels. A name that is not known yet is taken for a long address in both.
  pass(source, names, false);
  return pass(source, names, true);
}

type Mode = 'implied' | 'immediate' | 'zero' | 'zeroX' | 'long' | 'longX' | 'longY' | 'relative';

const LENGTHS: Record<Mode, number> = {
  implied: 1,
  immediate: 2,
  zero: 2,
  zeroX: 2,
  long: 3,
  longX: 3,
  longY: 3,
  relative: 2,
};

/** Opcodes by the MOS data sheet; those that the cartridges of the tests need. */
const OPCODES: Record<string, Partial<Record<Mode, number>>> = {
  and: { immediate: 0x29, zero: 0x25, long: 0x2d },
  bcc: { relative: 0x90 },
  beq: { relative: 0xf0 },
  bne: { relative: 0xd0 },
  bpl: { relative: 0x10 },
  clc: { implied: 0x18 },
  cld: { implied: 0xd8 },
  dec: { zero: 0xc6 },
  dex: { implied: 0xca },
  dey: { implied: 0x88 },
  eor: { immediate: 0x49, zero: 0x45 },
  inc: { zero: 0xe6 },
  inx: { implied: 0xe8 },
  jmp: { long: 0x4c },
  lda: { immediate: 0xa9, zero: 0xa5, long: 0xad, longX: 0xbd },
  ldx: { immediate: 0xa2, zero: 0xa6 },
  ldy: { immediate: 0xa0 },
  lsr: { implied: 0x4a },
  sei: { implied: 0x78 },
  sta: { zero: 0x85, zeroX: 0x95, long: 0x8d },
  stx: { zero: 0x86 },
  txs: { implied: 0x9a },
};

function pass(source: string, names: Map<string, number>, last: boolean): Uint8Array {
  const bytes = new Uint8Array(4096).fill(0xff);
  const known = new Set<string>();
  let at = 0xf000;
  const emit = (...values: number[]) => {
    for (const value of values) bytes[at++ & 0xfff] = value & 0xff;
  };
  for (const [index, text] of source.split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${text.trim()}`);
    };
    const value = (word: string): number => {
      if (word.startsWith('<')) return value(word.slice(1)) & 0xff;
      if (word.startsWith('>')) return value(word.slice(1)) >> 8;
      if (/^\$[0-9a-f]+$/i.test(word)) return Number.parseInt(word.slice(1), 16);
      if (/^%[01]+$/.test(word)) return Number.parseInt(word.slice(1), 2);
      if (/^\d+$/.test(word)) return Number(word);
      return names.get(word) ?? (last ? fail(`unknown name "${word}"`) : 0xf000);
    };
    let line = text.replace(/;.*/, '').trim();
    const label = /^(\w+):\s*/.exec(line);
    if (label) {
      names.set(label[1], at);
      line = line.slice(label[0].length);
    }
    const constant = /^(\w+)\s*=\s*(\S+)$/.exec(line);
    if (constant) {
      names.set(constant[1], value(constant[2]));
      known.add(constant[1]);
      continue;
    }
    if (line === '') continue;
    const [word, operand = ''] = line.split(/\s+(.*)/) as [string, string?];
    const operands = operand.split(',').map((part) => part.trim());
    if (word === '.org') at = value(operand);
    else if (word === '.byte') emit(...operands.map(value));
    else if (word === '.word') for (const part of operands) emit(value(part), value(part) >> 8);
    else {
      const codes = OPCODES[word] ?? fail('unknown instruction');
      const [first, register] = operands as [string, string?];
      const short = (known.has(first) || /^[$%\d]/.test(first)) && value(first) < 256;
      const mode = modeOf(codes, first, register, short) ?? fail('no such operand');
      const code = codes[mode] ?? fail('no such operand');
      const number = mode === 'implied' ? 0 : value(first.replace('#', ''));
      if (mode === 'relative') {
        const distance = number - (at + 2);
        if (last && (distance < -128 || distance > 127)) fail('too far');
        emit(code, distance);
      } else if (LENGTHS[mode] === 1) emit(code);
      else if (LENGTHS[mode] === 2) emit(code, number);
      else emit(code, number, number >> 8);
    }
  }
  return bytes;
}

function modeOf(codes: Partial<Record<Mode, number>>, operand: string, register: string | undefined, short: boolean) {
  if (operand === '') return 'implied';
  if (operand.startsWith('#')) return 'immediate';
  if (codes.relative !== undefined) return 'relative';
  if (register === 'x') return short && codes.zeroX !== undefined ? 'zeroX' : 'longX';
  if (register === 'y') return 'longY';
  if (register !== undefined) return undefined;
  return short && codes.zero !== undefined ? 'zero' : 'long';
}
