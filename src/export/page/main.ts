/** The page's program: a policy that controls its robot, live. Bundled by `exportPage` with the environment's functions. */
import { foldKey } from '../../base/random.js';
import type { MujocoEnvSource } from '../../env/mujoco-source.js';
import { openPolicy } from '../../policy/portable.js';
import type { PageData } from './contract.js';
import { browser, type Canvas, type Pointer } from './dom.js';
import { Hand } from './hand.js';
import { arrayOf, type LoadWasm } from './mujoco.js';
import { replayModel } from './recorded-model.js';
import { PageSimulation } from './simulation.js';
import { type Poses, View } from './view.js';

/** Control steps a frame at the most: a tab that slept does not catch up. */
const MOST_STEPS = 10;

/** Starts the page. */
export function runPage(data: PageData, loadMujoco: LoadWasm, make: MujocoEnvSource['functions']): void {
  const { document } = browser;
  const canvas = document.getElementById('view') as Canvas;
  const status = document.getElementById('status');
  const view = new View(canvas, data.scene, browser.devicePixelRatio);
  // The start pose, before anything is loaded.
  view.draw(data.scene, null);
  status.textContent = 'loading MuJoCo …';
  document.addEventListener('DOMContentLoaded', () => {
    start(data, loadMujoco, make, view, canvas).catch((error: Error) => {
      status.textContent = `cannot run: ${error.message}`;
    });
  });
}

async function start(
  data: PageData,
  loadMujoco: LoadWasm,
  make: MujocoEnvSource['functions'],
  view: View,
  canvas: Canvas,
): Promise<void> {
  const wasm = await loadMujoco({ wasmBinary: await inflated(browser.document.getElementById('wasm').textContent!) });
  const simulation = new PageSimulation(wasm, data.environment, make(replayModel(data.environment.answers)));
  const policy = openPolicy(data.policy, bytes(data.tensors));
  const hand = new Hand(simulation, data.scene, view);
  const status = browser.document.getElementById('status');
  let [episode, score, steps, seconds] = [0, 0, 0, 0];
  const begin = () => {
    simulation.reset(foldKey([0, 0], episode++));
    score = 0;
  };
  const step = () => {
    hand.pull();
    const ended = simulation.step(policy.act(simulation.observation, { deterministic: true }));
    score += simulation.reward;
    steps++;
    if (ended) begin();
  };
  const poses = (): Poses => ({
    positions: arrayOf(simulation.data, 'geom_xpos'),
    turns: arrayOf(simulation.data, 'geom_xmat'),
  });
  begin();
  wasm.mj_forward(simulation.model, simulation.data);
  const at = (event: Pointer) => {
    const { left, top } = canvas.getBoundingClientRect();
    return view.toScene(event.clientX - left, event.clientY - top);
  };
  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    hand.grasp(at(event), poses());
  });
  canvas.addEventListener('pointermove', (event) => hand.move(at(event)));
  for (const type of ['pointerup', 'pointercancel']) canvas.addEventListener(type, () => hand.release());
  const { secondsPerStep } = data.environment;
  let before = performance.now();
  let owed = 0;
  const frame = (now: number) => {
    owed = Math.min(owed + (now - before) / 1000, MOST_STEPS * secondsPerStep);
    before = now;
    const began = performance.now();
    const first = steps;
    for (; owed >= secondsPerStep; owed -= secondsPerStep) step();
    if (steps > first) seconds += (performance.now() - began) / 1000;
    view.draw(poses(), hand.line(poses()));
    const speed = seconds > 0 ? ((steps * secondsPerStep) / seconds).toFixed(0) : '–';
    status.textContent = `episode ${episode}, ${(simulation.elapsed * secondsPerStep).toFixed(1)} s, return ${score.toFixed(1)}; could run ${speed} × real time. Drag the robot to push it.`;
    browser.requestAnimationFrame(frame);
  };
  browser.requestAnimationFrame(frame);
  // For programs that look at the page.
  browser.trellis = {
    state: () => ({ episode, steps, score, qpos: Array.from(arrayOf(simulation.data, 'qpos')), force: hand.force }),
    /** Control steps a second, simulation and policy together. */
    measure(count: number): number {
      const began = performance.now();
      for (let i = 0; i < count; i++) step();
      return (1000 * count) / (performance.now() - began);
    },
  };
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64.trim());
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

async function inflated(base64: string): Promise<ArrayBuffer> {
  const stream = new Blob([bytes(base64)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).arrayBuffer();
}
