import * as trellis from '../../src/index.js';
import { call, difference, type MakeTarget } from './target.js';

const xml = `<mujoco>
  <option timestep="0.01"/>
  <worldbody>
    <geom type="plane" size="5 5 .1"/>
    <body name="a" pos="0 0 1">
      <freejoint/>
      <geom name="g" size="0.1" mass="1"/>
      <body name="b"><joint name="h" axis="0 1 0" range="-1 1"/><geom size="0.05" pos="0.2 0 0"/></body>
    </body>
  </worldbody>
  <actuator><motor name="m" joint="h" ctrllimited="true" ctrlrange="-1 1"/></actuator>
  <sensor><jointpos joint="h"/></sensor>
  <keyframe><key name="k" qpos="0 0 2 1 0 0 0 0.5"/></keyframe>
</mujoco>`;
const N = 6;

/** Models and batches of MuJoCo. */
export const mujocoTarget: MakeTarget = async (values, random) => {
  let model!: trellis.MujocoModel;
  let batch!: trellis.MujocoBatch;
  let states!: Float64Array;

  const known = (of: trellis.MujocoBatch) => {
    of.reset();
    of.setControls(Float64Array.from({ length: N }, (_, i) => i / N));
    for (let i = 0; i < 5; i++) of.step(3, { stage: 'position' });
    return of.save();
  };
  const remake = () => {
    batch?.close();
    model?.close();
    model = trellis.MujocoModel.fromXml(xml);
    batch = new trellis.MujocoBatch(model, {
      slots: N,
      threads: 1 + random.integer(3),
      persistent: random.oneIn(4),
      externalBuffers: !random.oneIn(3),
    });
    states = batch.save();
  };
  remake();
  const twin = new trellis.MujocoBatch(model, { slots: N, threads: 1 });
  const expected = known(twin);
  twin.close();

  const names = [
    'qpos',
    'qvel',
    'ctrl',
    'xpos',
    'sensordata',
    'ncon',
    'time',
    'body_mass',
    'opt.gravity',
    'planar_bodies',
    'qacc_warmstart',
    'contact',
    'geom_size',
    'body_parentid',
    'jnt_qposadr',
    'energy',
    'xfrc_applied',
    'cfrc_ext',
    'mesh_vert',
    'a',
    'h',
    'm',
    'k',
    '',
    '__proto__',
  ];
  const name = () => (random.oneIn(8) ? values.anything() : random.pick(names));
  const slots = () => values.slots(N);
  const stage = () => values.near(random.pick(['none', 'position', 'velocity', 'acceleration']));
  const rows = () => values.array(Float64Array, N * batch.stateSize);
  const column = () =>
    random.pick<() => unknown>([
      name,
      () => ({ name: random.pick(names), first: values.number(), count: values.number() }),
    ])();
  const poke = (array: { length: number; fill(x: number): unknown }) => {
    if (random.oneIn(2)) array.fill(random.pick([0, 1, -1, 1e8, Number.NaN, 1e300]));
  };
  type Any = never;
  const few = (substeps: unknown) => (typeof substeps === 'number' && substeps > 50 ? 3 : substeps);
  const calls = [
    call(
      'MujocoModel.fromXml',
      () => [
        random.pick([
          xml,
          '<',
          '<mujoco/>',
          xml.slice(0, random.integer(xml.length)),
          xml.replace('0.1', random.pick(['NaN', '1e300', '-1', ''])),
          values.anything(),
        ]),
        values.options({ directory: () => values.near('/tmp'), assets: () => ({ x: values.array(Uint8Array, 4) }) }),
      ],
      (...a: Any[]) => trellis.MujocoModel.fromXml(a[0], a[1]).close(),
    ),
    call(
      'MujocoModel.fromFile',
      () => [random.pick(['/tmp', '', '\0', '/nonexistent', values.anything()])],
      (path) => trellis.MujocoModel.fromFile(path),
    ),
    ...(['joint', 'body', 'geom', 'actuator', 'sensor', 'field', 'fieldShape', 'names', 'keyframe'] as const).map(
      (method) =>
        call(
          `model.${method}`,
          () => [random.oneIn(3) ? values.number() : name()],
          (of) => model[method](of),
        ),
    ),
    call(
      'model.id',
      () => [values.near('body'), name()],
      (...a: Any[]) => model.id(a[0], a[1]),
    ),
    call(
      'new MujocoBatch',
      () => [
        random.oneIn(4) ? values.anything() : model,
        values.options({
          slots: () => values.near(2),
          threads: () => values.near(2),
          persistent: () => values.near(true),
          kernel: () => values.near('planar'),
          fast: () => values.near(true),
          externalBuffers: () => values.near(false),
        }),
      ],
      (...a: Any[]) => {
        const made = new trellis.MujocoBatch(a[0], a[1]);
        made.step();
        made.close();
      },
    ),
    ...(['state', 'size', 'output', 'parameter'] as const).map((method) =>
      call(
        `batch.${method}`,
        () => [name()],
        (of) => {
          const given: unknown = batch[method](of);
          if (method === 'parameter' || method === 'output') poke(given as Float64Array);
        },
      ),
    ),
    call(
      'batch.gather',
      () => [random.oneIn(6) ? values.anything() : [column(), column()]],
      (columns) => batch.gather(columns),
    ),
    call(
      'batch.refresh',
      () => [values.options({ slots })],
      (options) => batch.refresh(options),
    ),
    call(
      'batch.setConstants',
      () => [values.options({ slots })],
      (options) => batch.setConstants(options),
    ),
    call(
      'batch.setControls',
      () => [values.array(Float64Array, N), values.options({ slots })],
      (...a: Any[]) => batch.setControls(a[0], a[1]),
    ),
    call(
      'batch.step',
      () => [few(values.near(2)), values.options({ slots, stage })],
      (...a: Any[]) => batch.step(a[0], a[1]),
    ),
    call(
      'batch.forward',
      () => [values.options({ slots, stage })],
      (options) => batch.forward(options),
    ),
    call(
      'batch.reset',
      () => [values.options({ slots, stage, keyframe: () => values.near('k') })],
      (options) => batch.reset(options),
    ),
    call(
      'batch.save',
      () => [values.options({ slots, into: () => (random.oneIn(2) ? undefined : rows()) })],
      (options) => {
        const saved = batch.save(options);
        if (saved.length === N * batch.stateSize) states = saved;
      },
    ),
    call(
      'batch.restore',
      () => [
        random.pick([states, rows(), values.array(Float64Array, batch.stateSize), values.anything()]),
        values.options({ slots, rows: slots, stage }),
      ],
      (...a: Any[]) => batch.restore(a[0], a[1]),
    ),
    call(
      'batch.errorText',
      () => [values.near(1)],
      (slot) => batch.errorText(slot),
    ),
    call(
      'states written',
      () => [],
      () => {
        if (batch.states.length > 0) batch.states[random.integer(batch.states.length)] = values.number();
      },
    ),
    call(
      'states transferred',
      () => [],
      () => {
        const { buffer } = batch.states;
        if (buffer.byteLength === 0 || !random.oneIn(10)) return;
        structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
      },
    ),
    call(
      'batch.close',
      () => [],
      () => {
        if (random.oneIn(20)) batch.close();
      },
    ),
    call(
      'model.close',
      () => [],
      () => {
        if (random.oneIn(30)) model.close();
      },
    ),
  ];
  return {
    name: 'mujoco',
    calls,
    remake,
    verify() {
      // Parameters and states may have been set to anything: a new batch of the same model must not know of it.
      const fresh = trellis.MujocoModel.fromXml(xml);
      const clean = new trellis.MujocoBatch(fresh, { slots: N, threads: 2 });
      const wrong = difference('state', known(clean), expected);
      clean.close();
      fresh.close();
      return wrong;
    },
    provoke: () =>
      random.pick([() => batch.close(), () => model.close(), () => void batch.step(), () => void batch.save()])(),
    close: () => {
      batch.close();
      model.close();
    },
  };
};
