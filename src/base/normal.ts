import { threefry } from './random.js';

/**
 * Normal draws from the same counter-based words as `uniform`: the inverse of the normal distribution function at
 * (word + 0.5) / 2^32, by Wichura's rational approximation (algorithm AS 241, PPND16, Applied Statistics 37, 1988).
 * Only additions, products, quotients and square roots of doubles are used, so native/random computes the same bits.
 */

const central = {
  numerator: [
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
  ],
  denominator: [
    5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
  ],
} as const;
const tail = {
  numerator: [
    7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  denominator: [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
    6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
} as const;
/** 1/19, 1/17, … 1/3, 1: log((1 + s) / (1 - s)) = 2 s (1 + s²/3 + s⁴/5 + …) */
const logSeries = [1 / 19, 1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1] as const;

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i]!;
  return sum;
}

const bits = new DataView(new ArrayBuffer(8));

/** Natural logarithm of a normal positive double, the same bits on every platform; relative error below 1e-15. */
export function portableLog(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * Math.LN2 + 2 * s * polynomial(logSeries, s * s);
}

/** x such that P(Z <= x) = u for a standard normal Z. @param u in [2^-33, 1 - 2^-33] */
export function inverseNormal(u: number): number {
  const q = u - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(central.numerator, r)) / polynomial(central.denominator, r);
  }
  const r = Math.sqrt(-portableLog(q < 0 ? u : 1 - u)) - 1.6;
  const x = polynomial(tail.numerator, r) / polynomial(tail.denominator, r);
  return q < 0 ? -x : x;
}

const scratch = new Uint32Array(2);

/** Standard normal draw of counter (time, dimension) under a key. */
export function normal(k0: number, k1: number, time: number, dimension: number): number {
  threefry(k0, k1, time, dimension, scratch);
  return inverseNormal((scratch[0]! + 0.5) / 4294967296);
}
