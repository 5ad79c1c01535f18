import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cartpole, cartpoleAccelerations } from '../../envs/classic/cartpole.js';
import { uniform } from '../../src/base/random.js';
import { environmentConformance } from '../env/conformance.js';

environmentConformance('cartpole', cartpole(), {
  short: cartpole({ maxEpisodeSteps: 5 }),
  other: cartpole({ aliveReward: 1 }),
});

const draw = (i: number, d: number, range: number) => range * (2 * uniform(1, 2, i, d) - 1);

describe('cart-pole: the equations', () => {
  it('satisfy the two implicit equations of motion they were solved from', () => {
    const out = new Float64Array(2);
    for (let i = 0; i < 200; i++) {
      const [force, velocity, angle, spin] = [draw(i, 0, 10), draw(i, 1, 4), draw(i, 2, 3), draw(i, 3, 4)];
      cartpoleAccelerations(force, velocity, angle, spin, out);
      const [cart, pole] = out as unknown as [number, number];
      const drag = velocity > 0 ? 0.0005 : -0.0005;
      // Horizontal momentum of cart and pole (masses 1 and 0.1, length 1).
      const horizontal = 1.1 * cart + 0.1 * (pole * Math.cos(angle) - spin * spin * Math.sin(angle)) - force + drag;
      // Rotation about the hinge: 4/3 l θ'' = g sin θ - x'' cos θ - friction / (m l).
      const rotation = (4 / 3) * pole - 10 * Math.sin(angle) + cart * Math.cos(angle) + 0.00002 * spin;
      assert.ok(Math.abs(horizontal) < 1e-12 && Math.abs(rotation) < 1e-12, `${horizontal} ${rotation}`);
    }
  });

  it('mirror with the mirrored state and force', () => {
    const a = new Float64Array(2);
    const b = new Float64Array(2);
    for (let i = 0; i < 100; i++) {
      const [force, velocity, angle, spin] = [draw(i, 0, 10), draw(i, 1, 4), draw(i, 2, 1), draw(i, 3, 4)];
      cartpoleAccelerations(force, velocity, angle, spin, a);
      cartpoleAccelerations(-force, -velocity, -angle, -spin, b);
      assert.deepEqual([...b], [-a[0], -a[1]]);
    }
  });

  it('count friction of a cart at rest as of one moving left', () => {
    const rest = new Float64Array(2);
    const left = new Float64Array(2);
    cartpoleAccelerations(0, 0, 0, 0, rest);
    cartpoleAccelerations(0, -1e-9, 0, 0, left);
    assert.deepEqual([...rest], [...left]);
    assert.ok(rest[0] > 0);
  });
});

describe('cart-pole: rewards and ends', () => {
  it('pays 10 - (1 - cos θ) - 1e-5 u² with the unclipped force, and moves by the clipped one', () => {
    const env = cartpole().make(2);
    const keys = Uint32Array.of(5, 6, 5, 6);
    env.reset(undefined, keys);
    const angle = env.observations[2];
    env.step(Float32Array.of(3, 1));
    assert.ok(Math.abs(env.rewards[0] - (10 - (1 - Math.cos(angle)) - 1e-5 * 900)) < 1e-9);
    assert.ok(Math.abs(env.rewards[1] - (10 - (1 - Math.cos(angle)) - 1e-5 * 100)) < 1e-9);
    assert.deepEqual(env.observations.slice(0, 4), env.observations.slice(4, 8));
    env.close();
  });

  it('ends with reward 0 at the step taken from a failed state', () => {
    const env = cartpole().make(1);
    env.reset();
    const push = Float32Array.of(1);
    let paid = 0;
    while (env.terminated[0] === 0) {
      const failed = Math.abs(env.observations[2]) > 0.2 || Math.abs(env.observations[0]) > 2.4;
      env.step(push);
      assert.equal(env.terminated[0], failed ? 1 : 0);
      assert.equal(env.rewards[0] === 0, failed);
      paid += env.rewards[0];
      assert.ok(env.simulatorSteps < 100, 'a constant force tips the pole');
    }
    assert.equal(env.truncated[0], 0);
    assert.ok(paid > 9 * (env.simulatorSteps - 1));
    const steps = env.simulatorSteps;
    env.step(push);
    assert.equal(env.simulatorSteps, steps);
    env.close();
  });

  it('starts within ±0.05 in every component', () => {
    const env = cartpole().make(500);
    env.reset();
    const extreme = Math.max(...Array.from(env.observations, Math.abs));
    assert.ok(extreme <= 0.05 && extreme > 0.049);
    env.close();
  });
});
