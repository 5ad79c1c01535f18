/** The exported page in headless Chromium, offline: $TRELLIS_CHROMIUM, else chromium in PATH. Skipped where there is none. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { hopper } from '../../envs/mujoco/hopper.js';
import { ArgumentError } from '../../src/base/errors.js';
import { frameStack } from '../../src/env/wrappers/frame-stack.js';
import { policyPage } from '../../src/export/page.js';
import { initialPolicyParameters } from '../../src/policy/policy-layout.js';
import { policySpecFor } from '../../src/policy/settings.js';
import { savePolicy } from '../../src/policy/storage.js';
import { words as command } from '../support/trellis.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-page-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const trellis = (...words: string[]) => spawnSync(process.execPath, [...command, ...words], { encoding: 'utf8' });

/** A hopper that was never trained: it falls, and begins again. */
const run = join(folder, 'run');
const spec = policySpecFor(hopper().spec, { hidden: [30] });
await savePolicy(run, {
  spec,
  theta: initialPolicyParameters(spec, 1),
  metadata: { environment: { id: 'hopper', settings: {} } },
});

const executable = [process.env['TRELLIS_CHROMIUM'], 'chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => name !== undefined && spawnSync(name, ['--version']).status === 0,
);
const missing = executable === undefined && process.env['TRELLIS_REQUIRE_CHROMIUM'] === undefined;

interface State {
  readonly episode: number;
  readonly steps: number;
  readonly qpos: readonly number[];
  readonly force: readonly [number, number];
}
const state = (page: Page) => page.evaluate('trellis.state()') as Promise<State>;

test('the page shows the robot at once, runs it, and the mouse pushes it', {
  skip: missing && 'no Chromium',
}, async (context) => {
  const file = join(folder, 'page.html');
  const { status, stdout, stderr } = trellis('export', run, '--html', file, '--json');
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { files: [file] });
  assert.ok(statSync(file).size < 8e6, `${statSync(file).size} bytes`);
  const path = spawnSync('sh', ['-c', `command -v ${executable}`], { encoding: 'utf8' }).stdout.trim();
  const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 900, height: 620 } });
    const asked: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(pathToFileURL(file).href);
    await page.waitForFunction(
      "globalThis.trellis !== undefined || /cannot run/.test(document.getElementById('status').textContent)",
      null,
      {
        timeout: 120_000,
      },
    );
    assert.deepEqual(errors, []);
    assert.match((await page.textContent('#status'))!, /episode/);
    assert.equal(asked.length, 1, `nothing but itself is loaded: ${asked}`);
    const paint = (await page.evaluate(
      "performance.getEntriesByName('first-contentful-paint')[0].startTime",
    )) as number;
    const rate = (await page.evaluate('trellis.measure(2000)')) as number;
    context.diagnostic(
      `first paint ${paint.toFixed(0)} ms; ${rate.toFixed(0)} control steps a second; ${statSync(file).size} bytes`,
    );
    const before = await state(page);
    await page.waitForFunction(
      (steps) => (globalThis as unknown as { trellis: { state(): State } }).trellis.state().steps > steps + 20,
      before.steps,
      { timeout: 120_000 },
    );
    assert.notDeepEqual((await state(page)).qpos, before.qpos, 'it moves');
    const { x, y, width, height } = (await page.locator('#view').boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 150, y + height / 3, { steps: 4 });
    await page.waitForFunction('Math.abs(trellis.state().force[0]) > 10', null, { timeout: 60_000 });
    await page.mouse.up();
    await page.waitForFunction('trellis.state().force[0] === 0', null, { timeout: 60_000 });
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
  }
});

test('what cannot be exported says why', async () => {
  const nothing = trellis('export', run);
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /--onnx <file>, --html <file>/);
  const none = trellis('export', join(folder, 'none'), '--onnx', join(folder, 'none.onnx'));
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^trellis: no readable policy in/);
  const pong = trellis('export', 'results/atari/pong-single-path-seed1', '--html', join(folder, 'pong.html'));
  assert.equal(pong.status, 2, pong.stderr);
  assert.match(pong.stderr, /"pong" cannot be shown in a page: .*distribution/);
  const stacked = frameStack(hopper(), 2);
  const policy = policySpecFor(stacked.spec, { hidden: [4] });
  const theta = initialPolicyParameters(policy, 1);
  await assert.rejects(policyPage({ spec: policy, theta, metadata: {} }, stacked, 'x'), ArgumentError);
  if (process.platform === 'win32' || process.getuid?.() === 0) return;
  const locked = join(folder, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  assert.match(trellis('export', run, '--onnx', join(locked, 'x.onnx')).stderr, /No permission to write there/);
});

test('a file in the way of the folder is an error of the command line', () => {
  writeFileSync(join(folder, 'file'), '');
  const { status, stderr } = trellis('export', run, '--onnx', join(folder, 'file', 'x.onnx'));
  assert.equal(status, 1);
  assert.match(stderr, /A part of the path is a file|file of that name is in the way/);
});
