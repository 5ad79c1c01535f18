/**
 * exp, expm1, log, log1p and tanh from additions, products and quotients of doubles alone: the same bits on every platform
 * and in every version of Node, which Math's are not (compilers fuse products and sums on arm64). They are those of Math on
 * x64 (test/base/math.test.ts), since reduction, polynomials and order of the sums follow the analysis that V8 builds on:
 * argument reduction by multiples of log 2 kept in two parts, and the minimax coefficients of K. C. Ng's error analysis
 * (Tang, ACM Transactions on Mathematical Software 15, 1989, describes the method). Errors are below one unit in the last
 * place.
 */

const INVERSE_LOG_2 = Math.LOG2E;
/** log 2 in two parts: products of the first with whole numbers up to 2^20 are exact. */
const LOG_2 = 0.6931471803691238;
const LOG_2_REST = 1.9082149292705877e-10;

const number = new Float64Array(1);
const words = new Int32Array(number.buffer);
const HIGH = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Sign, exponent and the first 20 bits of the fraction. */
function highWord(x: number): number {
  number[0] = x;
  return words[HIGH];
}
function withHighWord(x: number, high: number): number {
  number[0] = x;
  words[HIGH] = high;
  return number[0];
}
/** Powers of 2 from -1022 to 1023: written as words and read as a number, each would wait for the other. */
const POWERS = Float64Array.from({ length: 2046 }, (_, i) => withHighWord(0, (i + 1) << 20));

/** 2^k, -1022 <= k <= 1023 */
const power = (k: number): number => POWERS[k + 1022];
const startingWith = (high: number) => withHighWord(0, high);

/** The bounds are compared by their high words: just above log(2) / 2, and 1.5 log 2. */
const REDUCED = startingWith(0x3fd62e43);
const ONE_STEP = startingWith(0x3ff0a2b2);
const EXP_LARGEST = 709.782712893384;
const EXP_LEAST = -745.1332191019411;

/** The multiple of log 2 that is taken off the argument of exp and expm1. */
function multiple(x: number, size: number): number {
  if (size < REDUCED) return 0;
  if (size < ONE_STEP) return x < 0 ? -1 : 1;
  return Math.trunc(INVERSE_LOG_2 * x + (x < 0 ? -0.5 : 0.5));
}

/** e^x */
export function exp(x: number): number {
  if (!(x <= EXP_LARGEST)) return x > 0 ? Infinity : x;
  if (x < EXP_LEAST) return 0;
  const size = Math.abs(x);
  if (size < 2 ** -28) return 1 + x;
  if (x === 1) return Math.E;
  const k = multiple(x, size);
  const high = x - k * LOG_2;
  const low = k * LOG_2_REST;
  const r = k === 0 ? x : high - low;
  const t = r * r;
  // r + r R / (2 - R) is expm1(r), R - r an even function of r.
  const even =
    0.16666666666666602 +
    t *
      (-0.0027777777777015593 +
        t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8)));
  const c = r - t * even;
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k === 1024) return y * 2 * 2 ** 1023;
  return k >= -1021 ? y * power(k) : y * power(k + 1000) * 2 ** -1000;
}

/** -1 to the last bit below: -56 log 2, by its high word. */
const EXPM1_LEAST = startingWith(0x4043687a);

/** e^x - 1, exact to the last places also where x is small. */
export function expm1(given: number): number {
  if (!(given <= EXP_LARGEST)) return given > 0 ? Infinity : given;
  const size = Math.abs(given);
  if (given < 0 && size >= EXPM1_LEAST) return -1;
  if (size < 2 ** -54) return given;
  const k = multiple(given, size);
  const high = given - k * LOG_2;
  const low = k * LOG_2_REST;
  const x = k === 0 ? given : high - low;
  const lost = high - x - low;
  const half = 0.5 * x;
  const square = x * half;
  const series =
    1 +
    square *
      (-0.03333333333333313 +
        square *
          (0.0015873015872548146 +
            square * (-0.0000793650757867488 + square * (0.000004008217827329362 + square * -2.0109921818362437e-7))));
  const t = 3 - series * half;
  let e = square * ((series - t) / (6 - x * t));
  if (k === 0) return x - (x * e - square);
  e = x * (e - lost) - lost;
  e -= square;
  if (k === -1) return 0.5 * (x - e) - 0.5;
  if (k === 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
  if (k <= -2 || k > 56) {
    const y = 1 - (e - x);
    return (k === 1024 ? y * 2 * 2 ** 1023 : y * power(k)) - 1;
  }
  if (k < 20) return (1 - power(-k) - (e - x)) * power(k);
  return (x - (e + power(-k)) + 1) * power(k);
}

/** Of (log(1 + f) - log(1 - f)) / f - 2 in the square of f, odd and even places. */
const [L1, L2, L3, L4, L5, L6, L7] = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
] as const;

/** Natural logarithm. */
export function log(given: number): number {
  if (!(given > 0)) return given === 0 ? -Infinity : Number.NaN;
  if (given === Infinity) return given;
  let x = given;
  let k = 0;
  if (x < 2 ** -1022) {
    k = -54;
    x *= 2 ** 54;
  }
  const word = highWord(x);
  const fraction = word & 0xfffff;
  // x = 2^k (1 + f), √½ < 1 + f < √2.
  const above = (fraction + 0x95f64) & 0x100000;
  k += (word >> 20) - 1023 + (above >> 20);
  const f = withHighWord(x, fraction | (above ^ 0x3ff00000)) - 1;
  const main = k * LOG_2;
  const rest = k * LOG_2_REST;
  if ((0xfffff & (2 + fraction)) < 3) {
    if (f === 0) return k === 0 ? 0 : main + rest;
    const cubic = f * f * (0.5 - 0.3333333333333333 * f);
    return k === 0 ? f - cubic : main - (cubic - rest - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (L2 + w * (L4 + w * L6));
  const odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  const series = odd + even;
  if (((fraction - 0x6147a) | (0x6b851 - fraction)) > 0) {
    const square = 0.5 * f * f;
    return k === 0 ? f - (square - s * (square + series)) : main - (square - (s * (square + series) + rest) - f);
  }
  return k === 0 ? f - s * (f - series) : main - (s * (f - series) - rest - f);
}

/** Around 0, where 1 + x needs no reduction: √½ - 1 and √2 - 1, by their high words. */
const LOG1P_BELOW = startingWith(0x3fd2bec5);
const LOG1P_ABOVE = startingWith(0x3fda827a);

/** log(1 + x), exact to the last places also where x is small. */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : Number.NaN;
  if (x === Infinity) return x;
  const size = Math.abs(x);
  if (size < 2 ** -29) return size < 2 ** -54 ? x : x - x * x * 0.5;
  let k = 0;
  let f = x;
  let lost = 0;
  let rest = 1;
  if (!(x > 0 ? x < LOG1P_ABOVE : size < LOG1P_BELOW)) {
    const whole = x < 2 ** 53;
    const u = whole ? 1 + x : x;
    const word = highWord(u);
    k = (word >> 20) - 1023;
    // What was lost in the sum 1 + x.
    if (whole) lost = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    rest = word & 0xfffff;
    if (rest < 0x6a09e) {
      f = withHighWord(u, rest | 0x3ff00000) - 1;
    } else {
      k += 1;
      f = withHighWord(u, rest | 0x3fe00000) - 1;
      rest = (0x100000 - rest) >> 2;
    }
  }
  const square = 0.5 * f * f;
  if (rest === 0) {
    if (f === 0) return k === 0 ? 0 : k * LOG_2 + (lost + k * LOG_2_REST);
    const cubic = square * (1 - 0.6666666666666666 * f);
    return k === 0 ? f - cubic : k * LOG_2 - (cubic - (k * LOG_2_REST + lost) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const series = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))));
  if (k === 0) return f - (square - s * (square + series));
  return k * LOG_2 - (square - (s * (square + series) + (k * LOG_2_REST + lost)) - f);
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (!(size < 22)) return Number.isNaN(x) ? x : Math.sign(x);
  if (size < 2 ** -28) return x;
  let y: number;
  if (size >= 1) {
    y = 1 - 2 / (expm1(2 * size) + 2);
  } else {
    const t = expm1(-2 * size);
    y = -t / (t + 2);
  }
  return x < 0 ? -y : y;
}
