import { type Key, uniform } from '../../base/random.js';
import type { MujocoFunctions, MujocoStart, MujocoTables, Rows } from '../../env/mujoco-source.js';
import type { Stage } from '../../native/mujoco-batch.js';
import type { PageEnvironment } from './contract.js';
import { arrayOf, type Numbers, type Wasm, type WasmData, type WasmModel } from './mujoco.js';
import { planarFeatures } from './planar.js';

/** State components that functions may read and write, where the model has them. */
const COMPONENTS = [
  'qpos',
  'qvel',
  'ctrl',
  'act',
  'mocap_pos',
  'mocap_quat',
  'qfrc_applied',
  'xfrc_applied',
  'userdata',
];
const REQUESTED = new Set(['cacc', 'cfrc_int', 'cfrc_ext']);

/**
 * One environment on MuJoCo's WebAssembly build: the definition's functions work on tables of one slot, which are copied
 * from and to MuJoCo's memory around each call, since that may move whenever it grows.
 */
export class PageSimulation {
  readonly model: WasmModel;
  readonly data: WasmData;
  readonly observation: Float32Array;
  elapsed = 0;
  /** Of the last step. */
  reward = 0;
  private readonly planar: ReturnType<typeof planarFeatures> | null;
  private readonly components = new Map<string, Float64Array>();
  private readonly outputs = new Map<string, Numbers>();
  private readonly tables: MujocoTables;

  constructor(
    private readonly wasm: Wasm,
    readonly environment: PageEnvironment,
    private readonly functions: MujocoFunctions,
  ) {
    const { xml, observationSize, outputs, gather, memory } = environment;
    this.model = wasm.MjModel.from_xml_string(xml);
    this.data = new wasm.MjData(this.model);
    this.observation = new Float32Array(observationSize);
    const columns = (gather ?? []).map((column) => (typeof column === 'string' ? column : column.name));
    const named = [...outputs, ...columns];
    this.planar = named.some((name) => name.startsWith('planar_')) ? planarFeatures(this.model) : null;
    for (const name of COMPONENTS) {
      const values = this.data[name];
      if (ArrayBuffer.isView(values)) this.components.set(name, Float64Array.from(values as Float64Array));
    }
    for (const name of new Set(named)) {
      if (!this.components.has(name)) this.outputs.set(name, this.read(name).slice());
    }
    const rows = <Data extends Numbers>(entries: Iterable<readonly [string, Data]>) =>
      Object.fromEntries([...entries].map(([name, data]) => [name, { data, stride: data.length }]));
    const isDouble = ([, data]: readonly [string, Numbers]) => data instanceof Float64Array;
    const state = rows(this.components);
    this.tables = {
      qpos: state['qpos'],
      qvel: state['qvel'],
      control: state['ctrl'],
      state,
      outputs: rows([...this.outputs].filter(isDouble)) as Record<string, Rows>,
      integers: rows([...this.outputs].filter((entry) => !isDouble(entry))) as Record<string, Rows<Int32Array>>,
      memory: rows(Object.entries(memory).map(([name, size]) => [name, new Float64Array(size)] as const)),
      parameters: {},
      observations: this.observation,
      rewards: new Float64Array(1),
      terminated: new Uint8Array(1),
      elapsed: new Int32Array(1),
      keys: new Uint32Array(2),
    };
  }

  /** Begins the episode of a key. */
  reset([k0, k1]: Key): void {
    const { wasm, model, data, tables, environment } = this;
    if (environment.keyframe === null) wasm.mj_resetData(model, data);
    else wasm.mj_resetDataKeyframe(model, data, environment.keyframe);
    for (const { data: memory } of Object.values(tables.memory)) memory.fill(0);
    this.elapsed = 0;
    tables.elapsed[0] = 0;
    tables.keys.set([k0, k1]);
    this.pull();
    const [qpos, qvel] = [this.components.get('qpos')!, this.components.get('qvel')!];
    this.functions.start?.(qpos, qvel, (dimension) => uniform(k0, k1, 0, dimension), this.slotStart([k0, k1]));
    this.push();
    this.compute(environment.startStage);
    this.pull();
    this.gather();
    this.functions.observe?.(tables, 0, 1);
  }

  /** One step of normalised controls; forces that the user applies go into `xfrc_applied` before. @returns whether the episode ended */
  step(action: ArrayLike<number>): boolean {
    const { wasm, model, data, tables, environment, functions } = this;
    const control = this.components.get('ctrl')!;
    const { middle, half } = environment;
    for (let i = 0; i < middle.length; i++) control[i] = middle[i] + half[i] * action[i];
    tables.rewards[0] = 0;
    tables.terminated[0] = 0;
    tables.elapsed[0] = this.elapsed;
    functions.before?.(tables, 0, 1);
    this.push();
    for (let i = 0; i < environment.substeps; i++) wasm.mj_step(model, data);
    this.compute(environment.stage);
    this.pull();
    this.gather();
    functions.observe?.(tables, 0, 1);
    functions.reward(tables, 0, 1);
    this.elapsed++;
    this.reward = tables.rewards[0];
    const finite = this.observation.every((x) => Number.isFinite(x));
    return tables.terminated[0] === 1 || this.elapsed >= environment.maxEpisodeSteps || !finite;
  }

  /** A component of the state, to be written before `step`. */
  component(name: string): Float64Array {
    return this.components.get(name)!;
  }

  private slotStart(key: Key): MujocoStart {
    const memory = Object.entries(this.tables.memory).map(([name, { data }]) => [name, data] as const);
    return {
      slot: 0,
      key,
      memory: Object.fromEntries(memory),
      parameters: {},
      state: (name) => this.component(name),
      keyframe: () => {
        throw new RangeError('keyframes within `start` are not to be had in a page');
      },
    };
  }

  /** How far derived quantities are computed at the present state. */
  private compute(stage: Stage): void {
    const { wasm, model, data } = this;
    if (stage === 'acceleration') wasm.mj_forward(model, data);
    else if (stage !== 'none') wasm.mj_fwdPosition(model, data);
    if (stage === 'velocity') wasm.mj_fwdVelocity(model, data);
    if ([...this.outputs.keys()].some((name) => REQUESTED.has(name))) wasm.mj_rnePostConstraint(model, data);
  }

  private read(name: string): Numbers {
    if (!name.startsWith('planar_')) return arrayOf(this.data, name);
    const { features, center } = this.planar!(arrayOf(this.data, 'qpos'), arrayOf(this.data, 'qvel'));
    return name === 'planar_bodies' ? features : Float64Array.of(center);
  }

  /** From MuJoCo's memory to the tables. */
  private pull(): void {
    for (const [name, values] of this.components) values.set(arrayOf(this.data, name));
    for (const [name, values] of this.outputs) values.set(this.read(name));
  }

  private push(): void {
    for (const [name, values] of this.components) arrayOf(this.data, name).set(values);
  }

  private gather(): void {
    let at = 0;
    for (const column of this.environment.gather ?? []) {
      const { name, first = 0, count } = typeof column === 'string' ? { name: column } : column;
      const values = this.components.get(name) ?? this.outputs.get(name)!;
      const end = count === undefined ? values.length : first + count;
      for (let i = first; i < end; i++) this.observation[at++] = values[i];
    }
  }
}
