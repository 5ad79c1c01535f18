import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { exp, expm1, log, log1p, tanh } from '../../src/base/math.js';
import { threefry } from '../../src/base/random.js';

const own = { exp, expm1, log, log1p, tanh };
const COUNT = 40_000;
const words = new Uint32Array(2);
const bits = new Float64Array(1);

/** Arguments of all sizes: around 0 and 1, where results overflow and vanish, and any bits at all. */
function argument(index: number): number {
  threefry(11, 3, index, 0, words);
  const u = words[0] / 2 ** 31 - 1;
  const v = words[1] / 2 ** 32;
  switch (index % 8) {
    case 0:
      return 2 * u;
    case 1:
      return 40 * u;
    case 2:
      return 760 * u;
    case 3:
      return u * 2 ** Math.floor(-60 * v);
    case 4:
      return 1 + u * 2 ** Math.floor(-52 * v);
    case 5:
      return Math.fround(5 * u);
    case 6:
      return Math.LN2 * Math.round(100 * u) * 0.5 + (v - 0.5) * 2 ** -20;
    default:
      new Uint32Array(bits.buffer).set(words);
      return bits[0];
  }
}
const edges = [0, 1, Infinity, 2 ** -1074, Number.MAX_VALUE, 2 ** -1022, 709.782712893384, 709.7827128933841].concat([
  745.1332191019411,
  745.1332191019412,
  708.5,
  22,
  2 ** -28,
  2 ** -29,
  2 ** -54,
  2 ** 53,
  2 ** -20,
  Math.SQRT2,
  38.9,
]);
const arguments_ = [Number.NaN, ...edges, ...edges.map((x) => -x)].concat(
  Array.from({ length: COUNT }, (_, i) => argument(i)),
);

/** SHA-256 of the results, made on Linux x64 with Math's functions (Node 20 and 24). */
const golden = {
  exp: '3c228231cfa80760',
  expm1: '4e94773fb664035e',
  log: 'e990516ce0c60f32',
  log1p: '11eb4c24901597ce',
  tanh: '973df0d0203d969b',
};

for (const name of ['exp', 'expm1', 'log', 'log1p', 'tanh'] as const) {
  test(`${name}: the same bits everywhere, those of Math on x64`, () => {
    const results = Float64Array.from(arguments_, (x) => own[name](x));
    for (let i = 0; i < results.length; i++) {
      const [x, expected] = [arguments_[i], Math[name](arguments_[i])];
      if (process.arch === 'x64')
        assert.ok(Object.is(results[i], expected), `${name}(${x}): ${results[i]}, ${expected}`);
      else if (Number.isFinite(expected)) {
        assert.ok(Math.abs(results[i] - expected) <= 2 ** -51 * Math.abs(expected) + 2 ** -1074, `${name}(${x})`);
      }
      if (Number.isNaN(results[i])) results[i] = Number.NaN;
    }
    assert.equal(createHash('sha256').update(results).digest('hex').slice(0, 16), golden[name]);
  });
}
