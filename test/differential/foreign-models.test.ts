import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ModelError } from '../../src/base/errors.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';

// Models that nobody here wrote: every one that Python's mujoco loads must load, step to the same bits and go on from a
// saved state in another slot to the same bits.
const python = process.env['TRELLIS_PYTHON'] || 'python3';
const oracle = fileURLToPath(new URL('foreign_models.py', import.meta.url));
const steps = 24;

/** Where Python finds a package, without importing it. */
function packageFolder(name: string): string {
  const code = `import importlib.util as u; print(u.find_spec('${name}').submodule_search_locations[0])`;
  const { status, stdout, stderr } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${python} has no ${name} (pip install --no-deps ${name}): ${stderr}`);
  return stdout.trim();
}

function xmlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.xml'))
    .map((name) => join(folder, name))
    .sort();
}

const files = [
  ...xmlFiles(join(packageFolder('gymnasium'), 'envs/mujoco/assets')),
  ...['suite', 'locomotion', 'third_party', 'mujoco', 'entities', 'mjcf'].flatMap((part) =>
    xmlFiles(join(packageFolder('dm_control'), part)),
  ),
];

/** A digest of the states of slots 0 and 1 after every step; slot 2 takes over from slot 0 half way. */
function digestOf(model: MujocoModel): string {
  const persistent = (model.enableFlags & (1 << 4)) !== 0;
  const batch = new MujocoBatch(model, { slots: 3, threads: 2, persistent });
  batch.reset({ stage: 'none' });
  const nu = model.sizes['nu'];
  const [range, limited] = [model.field('actuator_ctrlrange'), model.field('actuator_ctrllimited')];
  const digest = createHash('sha256');
  let draw = 1;
  for (let step = 0; step < steps; step++) {
    const controls = new Float64Array(3 * nu);
    for (let slot = 0; slot < 2; slot++) {
      for (let i = 0; i < nu; i++) {
        draw = (Math.imul(draw, 1664525) + 1013904223) >>> 0;
        const [low, high] = limited[i] ? [range[2 * i], range[2 * i + 1]] : [-1, 1];
        controls[slot * nu + i] = low + (high - low) * (draw / 2 ** 32);
      }
    }
    controls.copyWithin(2 * nu, 0, nu);
    if (step === steps / 2 && !persistent) batch.restore(batch.save({ slots: [0] }), { slots: [2], stage: 'none' });
    batch.setControls(controls);
    batch.step(2);
    digest.update(Buffer.from(batch.states.slice(0, 2 * batch.stateSize).buffer));
  }
  if (!persistent)
    assert.deepEqual(batch.save({ slots: [2] }), batch.save({ slots: [0] }), 'a restored state goes on differently');
  batch.close();
  return digest.digest('hex');
}

describe('models of other packages', () => {
  let expected: ({ error: string } | { digest: string })[];
  before(() => {
    // Python's mujoco writes a log file into its working directory.
    const cwd = mkdtempSync(join(tmpdir(), 'trellis-oracle-'));
    const { status, stdout, stderr } = spawnSync(python, [oracle, String(steps), ...files], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    rmSync(cwd, { recursive: true });
    assert.equal(status, 0, stderr);
    expected = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(expected.length, files.length);
    assert.ok(expected.filter((one) => 'digest' in one).length > 40);
  });

  for (const [i, file] of files.entries()) {
    it(file.split('/').slice(-3).join('/'), () => {
      const theirs = expected[i];
      if ('error' in theirs) {
        assert.throws(() => MujocoModel.fromFile(file), ModelError, `Python: ${theirs.error}`);
        return;
      }
      assert.equal(digestOf(MujocoModel.fromFile(file)), theirs.digest);
    });
  }
});
