import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { NumpyGenerator, seedWords } from '../../../envs/gymnasium/numpy-random.js';
import { atariSeedKeys, seedKeys } from '../../../envs/index.js';

// Numbers of numpy 2.4.6.
const known = [
  {
    seed: 0n,
    words: [0xdb2cd7e7b0f478ben, 0xabf4641a2c71ba49n, 0x20c6ed6d9d7b8d41n, 0x2c4099de223c39d4n],
    raw: [0xa30febcfd9c2825fn, 0x4510bdf882d9d721n, 0x0a7d3da94ecde8b8n, 0x043b27b61342f01dn, 0xd0327a782cde513bn],
    uniform: [0.027392337464290872, -0.04604265724722594],
    normals: '8f486b451c3c9bd045aa3f6339cdf819f6c2bcccd8f64f9c514bbe5976527997',
  },
  {
    seed: 1n,
    words: [0x672d8ee56d6791ffn, 0x8ae19ca14eb1072cn, 0x4915796d1322fc4an, 0xd0cc2bdcaba049bdn],
    raw: [0x8306bdf37922e4ffn, 0xf35196bbc152a866n, 0x24e7a4f608ec18cdn, 0xf2dab0aed2ac6fd2n, 0x4fd42fa03fcd72a9n],
    uniform: [0.0023643249400513433, 0.09009273926518707],
    normals: '165aa88c3f7e25f4d1fea7c697743b55246b74ad2173965f773de618ef0e3837',
  },
  {
    seed: 42n,
    words: [0x9f1e2e6dcd540ab7n, 0xd57873dc79fb94b6n, 0x7d282a1b64d420b7n, 0x336579714692d5ffn],
    raw: [0xc621fbcd16d92688n, 0x705a5661a791ffc1n, 0xdbcd12c26eda1624n, 0xb286b60e1600888dn, 0x181c01b5339381ebn],
    uniform: [0.05479120971119267, -0.012224312049589542],
    normals: 'f3e73604df68fe20d537824522cc0fec55e7aecc7c099b47634bc5637f560254',
  },
];

describe('draws of numpy', () => {
  for (const { seed, words, raw, uniform, normals } of known) {
    it(`seed ${seed}: seed words, raw words, uniform draws, 100,000 normal draws with their tails`, () => {
      assert.deepEqual(seedWords(seed), words);
      const first = new NumpyGenerator(seed);
      assert.deepEqual(
        Array.from({ length: 5 }, () => first.next()),
        raw,
      );
      const second = new NumpyGenerator(seed);
      assert.deepEqual(
        Array.from({ length: 2 }, () => second.uniform(-0.1, 0.1)),
        uniform,
      );
      const third = new NumpyGenerator(seed);
      const draws = Buffer.alloc(800_000);
      for (let i = 0; i < 100_000; i++) draws.writeDoubleLE(third.normal(), 8 * i);
      assert.equal(createHash('sha256').update(draws).digest('hex'), normals);
    });
  }

  it('take their seeds as keys, low word first', () => {
    assert.deepEqual([...seedKeys([7, 2 ** 40 + 5])], [7, 0, 5, 256]);
    // Known of ale-py's environment.
    assert.deepEqual([...atariSeedKeys([0, 1, 42, 123])], [3677149159, 0, 1731038949, 0, 2669555309, 0, 2973253328, 0]);
    assert.throws(() => atariSeedKeys([-1]), { code: 'ERR_ARGUMENT' });
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) assert.throws(() => seedKeys([seed]), { code: 'ERR_ARGUMENT' });
  });
});
