import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvBackend } from '../../src/env/backend.js';
import { defineSimulatorEnv, type SimulatorEnvSource, type SlotSimulator } from '../../src/env/define-simulator-env.js';
import { box } from '../../src/env/spaces.js';
import type { EnvFactory } from '../../src/env/types.js';
import { makeVectorEnv } from '../../src/env/vector-env.js';
import { environmentConformance } from './conformance.js';

/** Remembers every action of the episode: its states are of different lengths. */
class Diary implements SlotSimulator {
  private entries: number[] = [];

  start(draw: (dimension: number) => number): void {
    this.entries = [draw(0)];
  }

  step(action: ArrayLike<number>, draw: (dimension: number) => number) {
    this.entries.push(action[0] + 0.01 * draw(0));
    const sum = this.entries.reduce((total, entry) => total + entry, 0);
    return { reward: sum, terminated: sum > 6 };
  }

  observe(out: Float32Array | Uint8Array): void {
    out[0] = this.entries.at(-1)!;
    out[1] = this.entries.length;
  }

  save(): Uint8Array {
    return new Uint8Array(Float64Array.from(this.entries).buffer);
  }

  load(bytes: Uint8Array): void {
    this.entries = [...new Float64Array(bytes.slice().buffer)];
  }
}

function diary(changes: Partial<SimulatorEnvSource> = {}): EnvFactory {
  return defineSimulatorEnv({
    id: 'diary',
    parameters: { version: 1 },
    observation: 2,
    action: box([1], -1, 1),
    maxEpisodeSteps: 40,
    secondsPerStep: 1,
    simulator: () => new Diary(),
    ...changes,
  });
}

environmentConformance('a simulation a slot', diary(), {
  short: diary({ maxEpisodeSteps: 5 }),
  other: diary({ parameters: { version: 2 } }),
});

describe('defineSimulatorEnv', () => {
  it('names what a simulator lacks, and closes those already made', () => {
    let open = 0;
    const simulator = () => {
      open += 1;
      const made = Object.assign(new Diary(), { close: () => (open -= 1) });
      return open === 3 ? ({ start() {} } as unknown as SlotSimulator) : made;
    };
    assert.throws(() => diary({ simulator }).make(4), /the simulator of "diary" has no step, observe, save, load/);
    assert.equal(open, 1); // the one that was none
  });

  it('refuses what save returns unless it is bytes', () => {
    class Silent extends Diary {
      override save(): Uint8Array {
        return 'nothing' as unknown as Uint8Array;
      }
    }
    const env = diary({ simulator: () => new Silent() }).make(1);
    env.reset();
    assert.throws(() => env.snapshot(), /save\(\) of a simulator.*expected a Uint8Array/);
  });

  it('reads the state that the simulator tells, else the observation', () => {
    const env = diary().make(2);
    env.reset();
    assert.deepEqual([...env.readState!(1)], [...env.observations.subarray(2)]);
    const told = diary({ simulator: () => Object.assign(new Diary(), { readState: () => Float64Array.of(7) }) }).make(
      1,
    );
    assert.deepEqual([...told.readState!(0)], [7]);
  });
});

describe('makeVectorEnv', () => {
  const { spec } = diary();
  const backend = (changes: Partial<EnvBackend> = {}): EnvBackend => ({
    observations: new Float32Array(4),
    parts: [{ name: 'state', type: 'Float64Array', width: 3 }],
    start() {},
    step: () => 0,
    save: (slots) => ({ state: new Float64Array(3 * slots.length) }),
    load() {},
    readState: () => new Float64Array(3),
    close() {},
    ...changes,
  });

  it('takes a backend that keeps the row rule', () => {
    const env = makeVectorEnv(spec, 2, backend());
    env.reset();
    assert.equal(env.snapshot([1, 0]).parts['state']?.byteLength, 6 * 8);
  });

  const wrong: [what: string, changes: Partial<EnvBackend>, message: RegExp][] = [
    ['no load', { load: undefined as never }, /has no load/],
    ['observations too short', { observations: new Float32Array(3) }, /Float32Array of 2 rows, 4 elements/],
    ['observations of another type', { observations: new Uint8Array(4) }, /Float32Array of 2 rows/],
    ['a part called as another', { parts: [{ name: 'elapsed', type: 'Int32Array', width: 1 }] }, /name of its own/],
    ['a part without width', { parts: [{ name: 'state', type: 'Float64Array' } as never] }, /width of a row/],
  ];
  for (const [what, changes, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(() => makeVectorEnv(spec, 2, backend(changes)), message));
  }

  it('refuses rows of another width when they are saved, not when they are needed', () => {
    const env = makeVectorEnv(spec, 2, backend({ save: () => ({ state: new Float64Array(4) }) }));
    env.reset();
    assert.throws(() => env.snapshot(), /snapshot part "state"/);
  });
});
