import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cartpole } from '../../envs/classic/cartpole.js';
import { registerPaper } from '../../paper/index.js';
import type { NotFoundError } from '../../src/base/errors.js';
import { getEnv, isEnv, listEnvs, registerEnv, resolveSettings } from '../../src/env/registry.js';

registerPaper();

describe('the registry of environments', () => {
  it('knows the built-in environments by id', () => {
    for (const id of listEnvs()) assert.equal(getEnv(id).spec.id, id);
    assert.ok(listEnvs().includes('cartpole'));
  });

  it('takes - and _ and capitals alike', () => {
    registerEnv('My_Pole', cartpole);
    assert.equal(getEnv('my-pole').spec.id, 'cartpole');
  });

  it('names the nearest ids and settings for unknown ones', () => {
    assert.throws(() => getEnv('cartpoel'), { code: 'ERR_NOT_FOUND', message: /cartpole/ });
    assert.throws(() => getEnv('cartpole', { aliveRewerd: 1 }), { code: 'ERR_NOT_FOUND', message: /aliveReward/ });
    assert.throws(() => getEnv('cartpole', { aliveReward: 'x' }), { code: 'ERR_ARGUMENT' });
    assert.throws(() => getEnv('cartpole', { aliveReward: Number.NaN }), { code: 'ERR_ARGUMENT' });
    for (const settings of [null, 7, 'x']) {
      assert.throws(() => getEnv('cartpole', settings as never), { code: 'ERR_ARGUMENT' });
    }
    assert.throws(() => getEnv('cartpole', { toString: () => 'x' } as never), { code: 'ERR_NOT_FOUND' });
    for (const id of [undefined, null, 7, { id: 'cartpole' }]) {
      assert.throws(() => getEnv(id as never), { code: 'ERR_ARGUMENT' });
      assert.throws(() => registerEnv(id as never, cartpole), { code: 'ERR_ARGUMENT' });
    }
    assert.throws(() => registerEnv('x', cartpole() as never), { code: 'ERR_ARGUMENT', message: /function/ });
    assert.throws(() => getEnv('cartpole', { maxEpisodeSteps: 0 }), { code: 'ERR_ARGUMENT' });
  });

  it('takes lists of numbers as settings, as long as their defaults', () => {
    const defaults = { range: [0.7, Infinity], weight: 1 };
    assert.deepEqual(resolveSettings('robot', defaults), defaults);
    assert.deepEqual(resolveSettings('robot', defaults, { range: [0, 2] }), { range: [0, 2], weight: 1 });
    for (const range of [3, 'x', [1], [1, 2, 3], [0, Infinity], [0, '1'], { 0: 0, 1: 1 }]) {
      assert.throws(() => resolveSettings('robot', defaults, { range } as never), {
        code: 'ERR_ARGUMENT',
        message: /"range" of "robot"/,
      });
    }
    assert.throws(() => resolveSettings('robot', defaults, { weight: [1] }), {
      code: 'ERR_ARGUMENT',
      message: /array/,
    });
  });

  it('says which versions of an environment there are', () => {
    registerEnv('Glider-v2', cartpole);
    registerEnv('Glider-v3', cartpole);
    registerEnv('GliderStandup-v5', cartpole);
    assert.ok(isEnv('glider_V2') && !isEnv('Glider-v4'));
    assert.throws(
      () => getEnv('Glider-v4'),
      (error: NotFoundError) => {
        return (
          error.expected === 'a version that there is: Glider-v2, Glider-v3' && /"Glider-v2"/.test(error.hint ?? '')
        );
      },
    );
    assert.throws(() => getEnv('Glidr-v3'), { code: 'ERR_NOT_FOUND', hint: /Glider-v3/ });
    assert.throws(() => getEnv('Glider'), { code: 'ERR_NOT_FOUND', hint: /Glider-v2/ });
  });

  it('gives settings to the environment', () => {
    assert.equal(getEnv('cartpole', { maxEpisodeSteps: 7 }).spec.maxEpisodeSteps, 7);
  });
});
