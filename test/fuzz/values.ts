import type { Random } from './random.js';

export type Typed =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Int8Array
  | BigInt64Array;
type TypedClass = {
  new (length: number): Typed;
  new (buffer: ArrayBufferLike, at?: number, length?: number): Typed;
  readonly BYTES_PER_ELEMENT: number;
};

export const classes = [
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Uint16Array,
  Uint8Array,
  Int8Array,
  BigInt64Array,
] as unknown as TypedClass[];

const ResizableBuffer = ArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(bytes: number): void };

/** Bytes around an array that nobody may write. */
const CANARY = 64;
const MARK = 0xa5;

export class Injected extends Error {}

/**
 * Arguments that a careless or hostile caller might pass. Arrays made here have canaries around them, and remember
 * their buffers, so that `damage` finds what a call wrote beside them.
 */
export class Values {
  private guarded: { bytes: Uint8Array; from: number; to: number }[] = [];

  /** @param provoke what a getter or valueOf among the arguments does while they are read */
  constructor(
    readonly random: Random,
    private readonly provoke: () => void,
  ) {}

  /** Forgets the arrays of the call before. */
  begin(): void {
    this.guarded = [];
  }

  /** Whether anything was written around an array of this call. */
  damage(): string | null {
    for (const { bytes, from, to } of this.guarded) {
      for (let i = 0; i < bytes.length; i++) {
        if ((i < from || i >= to) && bytes[i] !== MARK) return `byte ${i - from} of an array of ${to - from} bytes`;
      }
    }
    return null;
  }

  number(): number {
    const edge = [
      Number.NaN,
      Infinity,
      -Infinity,
      -1,
      -0,
      0,
      0.5,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      2 ** 53,
      1e300,
      -(2 ** 31),
    ];
    return this.random.oneIn(2) ? this.random.pick(edge) : this.random.integer(9);
  }

  /** Mostly `good`. */
  near(good: unknown): unknown {
    const { random } = this;
    return random.oneIn(4) ? (random.oneIn(2) ? this.number() : this.anything()) : good;
  }

  anything(): unknown {
    const { random } = this;
    const provoke = () => {
      this.provoke();
      if (random.oneIn(2)) throw new Injected('injected');
      return random.integer(4);
    };
    return random.pick<() => unknown>([
      () => undefined,
      () => null,
      () => random.oneIn(2),
      () => random.pick(['', 'abc', '__proto__', 'constructor', 'toString', '\0', 'x'.repeat(3000)]),
      () => ({}),
      () => [],
      () => [1, 2, Number.NaN],
      () => new Array(2 ** 32 - 1),
      () => () => 1,
      () => Symbol('s'),
      () => 10n,
      () => new Date(0),
      () => ({ length: random.pick([3, 2 ** 40, -1]) }),
      () => ({
        get length() {
          return provoke();
        },
      }),
      () => ({ valueOf: provoke, toString: () => String(provoke()) }),
      () => [{ valueOf: provoke }],
      () => new Map(),
      () => Object.create(null),
      () => Object.create(random.pick([Float32Array, Float64Array, Int32Array]).prototype),
      () => new Proxy({}, { get: provoke }),
      () => new Proxy(new Float32Array(4), {}),
      () => revoked(random.pick([{}, [], new Float32Array(4)])),
      () => Promise.resolve(1),
      () => new DataView(new ArrayBuffer(8)),
      () => new ArrayBuffer(16),
      () => this.number(),
      () => this.typed(random.pick(classes), random.integer(64)),
    ])();
  }

  /** A typed array of this class and length, in one of the ways in which memory can lie. */
  typed(Class: TypedClass, length: number, plain = false): Typed {
    const { random } = this;
    const width = Class.BYTES_PER_ELEMENT;
    const bytes = width * length;
    switch (plain ? 99 : random.integer(12)) {
      case 0:
        return this.filled(new Class(new SharedArrayBuffer(bytes)));
      case 1: {
        const array = new Class(length);
        structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
        return array;
      }
      case 2:
        return this.filled(new Class(new ResizableBuffer(bytes, { maxByteLength: 2 * bytes + 16 })));
      case 3: {
        const buffer = new ResizableBuffer(bytes, { maxByteLength: 2 * bytes + 16 });
        const array = random.oneIn(2) ? new Class(buffer) : new Class(buffer, 0, length);
        buffer.resize(Math.floor(length / 2) * width);
        return array;
      }
      case 4: {
        const array = new Class(random.oneIn(2) ? length : Math.max(0, length - 1));
        Object.defineProperty(array, 'length', { value: random.pick([length, 2 ** 30, -1]) });
        return this.filled(array);
      }
      case 5:
        return this.filled(Object.setPrototypeOf(new Class(length), random.pick(classes).prototype) as Typed, Class);
      default:
        return this.filled(this.between(Class, length));
    }
  }

  /** What should be an array of this class and length: often it is, else it differs in one thing. */
  array(Class: unknown, length: number): unknown {
    const { random } = this;
    const of = Class as TypedClass;
    const kind = random.integer(12);
    if (kind < 6) return this.typed(of, length, true);
    if (kind < 8) return this.typed(of, length);
    if (kind === 8) return this.typed(of, random.pick([0, 1, length + 1, Math.max(0, length - 1), 2 * length]));
    if (kind === 9) return this.typed(random.pick(classes), length);
    if (kind === 10) return Array.from({ length: Math.min(length, 3000) }, () => random.pick([0, 1, Number.NaN, -1]));
    return this.anything();
  }

  /** Options: each key is there or not; a getter may stand for it, and there may be one too many. */
  options(keys: Readonly<Record<string, () => unknown>>): unknown {
    const { random } = this;
    if (random.oneIn(12)) return this.anything();
    const options: Record<string, unknown> = {};
    for (const [key, make] of Object.entries(keys)) {
      if (random.oneIn(3)) continue;
      const value = make();
      if (!random.oneIn(12)) options[key] = value;
      else {
        let reads = 0;
        Object.defineProperty(options, key, {
          enumerable: true,
          get: () => {
            this.provoke();
            if (random.oneIn(3)) throw new Injected('injected');
            return reads++ === 0 ? value : make();
          },
        });
      }
    }
    if (random.oneIn(25)) options['unheardOf'] = 1;
    return options;
  }

  slots(count: number): unknown {
    const { random } = this;
    return random.pick<() => unknown>([
      () => undefined,
      () => undefined,
      () => [0, 1],
      () => [count - 1, 0],
      () => [0, 0],
      () => [],
      () => [count],
      () => [this.number()],
      () => Int32Array.of(0, random.integer(count)),
      () => this.array(Int32Array, 2),
      () =>
        Object.defineProperty([0], 0, {
          get: () => {
            this.provoke();
            return random.pick([0, 1, 1e9]);
          },
        }),
      () => this.anything(),
    ])();
  }

  /** In the middle of a buffer, at an odd multiple of its width, with canaries on both sides. */
  private between(Class: TypedClass, length: number): Typed {
    const width = Class.BYTES_PER_ELEMENT;
    const from = CANARY + width * this.random.integer(4);
    const buffer = new ArrayBuffer(from + width * length + CANARY);
    const bytes = new Uint8Array(buffer).fill(MARK);
    this.guarded.push({ bytes, from, to: from + width * length });
    return new Class(buffer, from, length);
  }

  private filled(array: Typed, Class?: TypedClass): Typed {
    const { random } = this;
    if (array instanceof BigInt64Array || Class === (BigInt64Array as unknown)) return array;
    const length = Math.min(lengthOf(array), 4096);
    const fill = random.integer(6);
    const value = random.pick([0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY]);
    for (let i = 0; i < length; i++) {
      array[i] = fill === 0 ? value : fill === 1 ? i : fill === 2 ? random.integer(3) : random.integer(1000) / 500 - 1;
    }
    return array;
  }
}

/** A proxy that answers nothing any more: whatever is asked of it throws. */
function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const lengthGetter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get!;
const lengthOf = (array: Typed) => lengthGetter.call(array) as number;
