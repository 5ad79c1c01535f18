import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import vm from 'node:vm';
import { cartpole } from '../../envs/classic/cartpole.js';
import { hopper } from '../../envs/mujoco/hopper.js';
import { swimmer } from '../../envs/mujoco/swimmer.js';
import { ArgumentError } from '../../src/base/errors.js';
import { defineMujocoEnv } from '../../src/env/define-mujoco-env.js';
import type { EnvFactory } from '../../src/env/types.js';
import { drawFrame } from '../../src/report/draw-frame.js';
import { makeDrawer } from '../../src/report/draw-shapes.js';
import { Raster } from '../../src/report/raster.js';
import { randomActor, recordShapes } from '../../src/report/record-episode.js';
import { recordGame } from '../../src/report/record-game.js';
import { type PixelRecording, poseAt } from '../../src/report/recording.js';
import { writeReplay } from '../../src/report/replay.js';
import { replayPage } from '../../src/report/replay-page.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-replay-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const record = (env: EnvFactory, seconds: number) =>
  recordShapes(env, randomActor(env, 1), { title: env.spec.id, seconds, seed: 1 });

/** Sizes and delays of the frames of a GIF, and whether it ends properly. */
function readGif(bytes: Uint8Array): { width: number; height: number; delays: number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert.equal(Buffer.from(bytes.subarray(0, 6)).toString(), 'GIF89a');
  assert.equal(bytes.at(-1), 0x3b);
  const tableSize = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + tableSize(bytes[10]);
  const skipBlocks = () => {
    while (bytes[at] !== 0) at += bytes[at] + 1;
    at++;
  };
  const delays: number[] = [];
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delays.push(view.getUint16(at + 4, true));
      at += 2;
      skipBlocks();
    } else {
      at += 10 + tableSize(bytes[at + 9]) + 1;
      skipBlocks();
    }
  }
  return { width: view.getUint16(6, true), height: view.getUint16(8, true), delays };
}

/** Runs a replay page's script against a stand-in for the browser for some animation frames. */
async function playPage(
  html: string,
  frames: number,
  clicks: (elements: Record<string, FakeElement>) => void = () => {},
) {
  const calls: Record<string, number> = {};
  const paint = new Proxy({} as Record<string, unknown>, {
    get: (target, name: string) =>
      target[name] ??
      ((...args: unknown[]) => {
        calls[name] = (calls[name] ?? 0) + 1;
        for (const arg of args) assert.ok(typeof arg !== 'number' || Number.isFinite(arg), `${name}(${args.join()})`);
        const [width, height] = args as [number, number];
        return name === 'createImageData' ? { data: new Uint8ClampedArray(4 * width * height) } : undefined;
      }),
  });
  const elements: Record<string, FakeElement> = {};
  const element = (name: string): FakeElement => {
    elements[name] ??= new FakeElement(paint, name === '#speed' ? '1' : '0');
    return elements[name];
  };
  let pending: ((time: number) => void) | null = null;
  const context = vm.createContext({
    document: { querySelector: element, addEventListener() {} },
    window: { devicePixelRatio: 1 },
    requestAnimationFrame: (callback: (time: number) => void) => {
      pending = callback;
    },
    atob,
    Blob,
    Response,
    DecompressionStream,
    console,
  });
  const script = /<script>([\s\S]*)<\/script>/.exec(html)![1];
  vm.runInContext(script, context);
  for (let i = 0; pending === null && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let i = 0; i < frames; i++) {
    (pending as unknown as (time: number) => void)(1000 + i * 20);
    if (i === Math.floor(frames / 2)) clicks(elements);
  }
  return { calls, elements };
}

class FakeElement {
  value: string;
  max = 0;
  textContent = '';
  clientWidth = 800;
  clientHeight = 400;
  width = 0;
  height = 0;
  style: Record<string, string> = {};
  listeners: Record<string, () => void> = {};
  constructor(
    private readonly paint: unknown,
    value: string,
  ) {
    this.value = value;
  }
  getContext(): unknown {
    return this.paint;
  }
  addEventListener(name: string, listener: () => void): void {
    this.listeners[name] = listener;
  }
}

test('cart-pole is recorded at its own pace, with new episodes where one ends', async () => {
  const recording = await record(cartpole(), 10);
  assert.equal(recording.score.length, 200);
  assert.equal(recording.poses.length, 200 * recording.shapes.length * 4);
  assert.ok(recording.episode.at(-1)! >= 1, 'random actions drop the pole within ten seconds');
  const starts = [...recording.episode].map((number, i) => number !== recording.episode[i - 1]);
  assert.ok([...recording.score].every((score, i) => !starts[i] || score === 0));
  assert.deepEqual(await record(cartpole(), 10), recording, 'the same seed records the same');
});

test('between two steps shapes are interpolated, but not from one episode into the next', async () => {
  const recording = await record(cartpole(), 10);
  const size = recording.shapes.length * 4;
  const { pose } = poseAt(recording, 0.075);
  const middle = (recording.poses[size] + recording.poses[2 * size]) / 2;
  assert.ok(Math.abs(pose[0] - middle) < 1e-6);
  const end = recording.episode.indexOf(1) - 1;
  const last = poseAt(recording, (end + 0.5) * recording.secondsPerFrame).pose;
  assert.deepEqual([...last], [...recording.poses.subarray(end * size, (end + 1) * size)]);
});

test('a MuJoCo robot: segments have the lengths of the model and hang together', async () => {
  const recording = await record(hopper(), 1);
  const lengths = [0.4, 0.45, 0.5, 0.39];
  for (const frame of [0, 25, 49]) {
    const ends = lengths.map((_, i) => recording.poses.subarray((frame * 4 + i) * 4, (frame * 4 + i) * 4 + 4));
    ends.forEach(([x0, y0, x1, y1], i) => {
      assert.ok(Math.abs(Math.hypot(x1! - x0!, y1! - y0!) - lengths[i]) < 1e-5);
      assert.ok(Math.min(y0!, y1!) > -0.1 && Math.max(y0!, y1!) < 2.2);
    });
    const near = Math.min(
      ...[0, 2].flatMap((a) => [0, 2].map((b) => Math.hypot(ends[1][a] - ends[2][b], ends[1][a + 1] - ends[2][b + 1]))),
    );
    assert.ok(near < 1e-5, 'thigh and shank share the knee');
  }
  assert.equal(recording.ground, 0);
});

test('the swimmer is seen from above', async () => {
  const recording = await record(swimmer(), 1);
  assert.equal(recording.ground, null);
  assert.equal(recording.shapes.length, 3);
});

test('the GIF plays in real time at 25 frames a second', async () => {
  const recording = await record(cartpole(), 2);
  const file = join(folder, 'cartpole.gif');
  await writeReplay(recording, file);
  const { width, height, delays } = readGif(readFileSync(file));
  assert.deepEqual([width, height], [480, 270]);
  assert.equal(delays.length, 50);
  assert.ok(delays.every((delay) => delay === 4));
  await writeReplay(recording, file, { speed: 4 });
  assert.deepEqual(new Set(readGif(readFileSync(file)).delays), new Set([4]));
  assert.equal(readGif(readFileSync(file)).delays.length, 13);
});

test('a painted frame shows the shapes and moves with time', async () => {
  const recording = await record(cartpole(), 1);
  const raster = new Raster(240, 135);
  const before = Uint8ClampedArray.from(drawFrame(raster, recording, 0));
  const later = drawFrame(raster, recording, 0.9);
  const [r, g, b] = recording.shapes[2].color;
  let cart = 0;
  for (let i = 0; i < before.length; i += 4) if (before[i] === r && before[i + 1] === g && before[i + 2] === b) cart++;
  assert.ok(cart > 100, `${cart} pixels of the cart`);
  assert.ok(before.some((value, i) => value !== later[i]));
});

test('a bar covers its area: round and flat caps', () => {
  for (const [cap, area] of [
    ['round', 60 * 20 + Math.PI * 100],
    ['flat', 60 * 20],
  ] as const) {
    const raster = new Raster(120, 80);
    raster.clear([0, 0, 0]);
    raster.bar(30, 30, 78, 66, 10, [255, 255, 255], cap);
    let sum = 0;
    for (let i = 0; i < raster.pixels.length; i += 4) sum += raster.pixels[i] / 255;
    assert.ok(Math.abs(sum / area - 1) < 0.02, `${cap} ${sum} ${area}`);
  }
});

test('the page of shapes stands alone, plays, scrubs and pauses', async () => {
  const html = replayPage(await record(cartpole(), 2));
  assert.doesNotMatch(html, /https?:|src=/);
  const { calls, elements } = await playPage(html, 20, (found) => {
    found['#play'].listeners.click!();
    found['#time'].value = '30';
    found['#time'].listeners.input!();
  });
  assert.equal(elements['#time'].max, 39);
  assert.equal(Number(elements['#time'].value), 30, 'paused where it was put');
  assert.match(elements['#label'].textContent, /^1\.50 s · episode \d+ · return /);
  assert.ok(calls.stroke! >= 20 * 2 * 5);
});

test('the page of meshes and height fields plays', async () => {
  const xml = `<mujoco><asset><mesh name="m" vertex="0 0 0 .4 0 0 0 .4 0 0 0 .4"/>
    <hfield name="h" nrow="3" ncol="4" size="2 1 0.5 0.1" elevation="0 0 1 0 0 0 1 0 0 0 1 0"/></asset>
    <worldbody><geom type="hfield" hfield="h"/><body pos="0 0 1"><freejoint/><geom type="mesh" mesh="m"/></body></worldbody></mujoco>`;
  const env = defineMujocoEnv({
    id: 'drawn',
    model: { xml },
    actuators: 0,
    secondsPerStep: 0.002,
    observation: 7,
    gather: ['qpos'],
    maxEpisodeSteps: 100,
    functions: () => ({ reward() {} }),
  });
  const { calls } = await playPage(replayPage(await record(env, 0.05)), 20);
  const triangles = 6;
  assert.equal(calls.fill, 20 * (1 + triangles));
});

/** A game of 4 × 3 pixels whose picture k is filled with k, over after `length` pictures. */
function* tinyGame(count: number, length: number) {
  const screen = new Uint8Array(12);
  for (let k = 0; k < count; k++) {
    screen.fill(k % 5);
    yield {
      screen,
      width: 4,
      height: 3,
      palette: Uint32Array.of(0, 0xff0000, 0xff00, 0xff, 0xffffff),
      score: k,
      over: k % length === length - 1,
    };
  }
}

test('a game: frames are kept, scores start anew, page and GIF hold all of it', async () => {
  const recording: PixelRecording = recordGame(tinyGame(30, 10), 'tiny');
  assert.deepEqual([...recording.frames[7]], Array(12).fill(2));
  assert.equal(recording.score[9], 9);
  assert.equal(recording.score[10], 1);
  assert.equal(recording.episode[29], 2);
  const { calls, elements } = await playPage(replayPage(recording), 10);
  assert.equal(calls.putImageData, 10);
  assert.equal(elements.canvas!.width, 4);
  const file = join(folder, 'tiny.gif');
  const duration = (delays: number[]) => delays.reduce((sum, delay) => sum + delay, 0);
  await writeReplay(recording, file);
  const { width, height, delays } = readGif(readFileSync(file));
  assert.deepEqual([width, height, delays.length], [8, 3, 15]);
  assert.equal(duration(delays), 50, 'half a second in all');
  await writeReplay(recording, file, { speed: 2.5 });
  const faster = readGif(readFileSync(file)).delays;
  assert.deepEqual(
    [faster.length, duration(faster)],
    [6, 20],
    'two fifths of that, in a picture each 3 or 4 hundredths',
  );
});

test('recording ends with the last of the episodes asked for', async () => {
  const long = await record(cartpole(), 10);
  const env = cartpole();
  const options = { title: env.spec.id, seconds: 10, seed: 1, episodes: 1 };
  const one = await recordShapes(env, randomActor(env, 1), options);
  const end = long.episode.indexOf(1);
  assert.equal(one.score.length, end);
  assert.deepEqual(one.poses, long.poses.subarray(0, one.poses.length));
  assert.equal(one.poses.length, end * one.shapes.length * 4);
  assert.equal(recordGame(tinyGame(30, 10), 'tiny', 1 / 60, 2).frames.length, 20);
});

test('what cannot be drawn or written is a typed error', async () => {
  const recording = await record(cartpole(), 1);
  await assert.rejects(writeReplay(recording, join(folder, 'a.webm')), ArgumentError);
  await assert.rejects(writeReplay(recording, join(folder, 'a.gif'), { speed: 0 }), ArgumentError);
  const empty = { ...recording, score: new Float32Array() };
  await assert.rejects(writeReplay(empty, join(folder, 'a.gif')), ArgumentError);
  const { drawer, ...undrawn } = cartpole();
  assert.ok(drawer);
  assert.throws(() => makeDrawer(undrawn), ArgumentError);
});

test('text in a recording cannot end the script that holds it', async () => {
  const evil = '</script><script>alert(1)</script>';
  const recording = await record(cartpole(), 0.1);
  const shapes = recording.shapes.map((shape) => ({ ...shape, cap: evil as 'round' }));
  const html = replayPage({ ...recording, title: evil, shapes });
  assert.equal(html.includes('<script>alert'), false);
  assert.equal(html.match(/<\/script>/g)!.length, 1);
});
