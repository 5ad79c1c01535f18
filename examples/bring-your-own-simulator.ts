/**
 * A simulator that is not part of this package: a cart and a pole in Rapier 2D, a physics engine in WebAssembly
 * (`npm install @dimforge/rapier2d-compat`). One object a slot is enough for every method, vine's branches included,
 * for checkpoints, evaluation and replays.
 *
 *   npx trellis train examples/bring-your-own-simulator.ts                  TRPO on whole paths
 *   npx trellis train examples/bring-your-own-simulator.ts --method vine    TRPO on branches from restored states
 *   npx trellis eval runs/rapier-cartpole-single-path-seed0
 *   npx trellis render runs/rapier-cartpole-single-path-seed0
 */
import RAPIER, { type RigidBody, type World } from '@dimforge/rapier2d-compat';
import { box, type Drawer, defineSimulatorEnv, registerEnv, registerExperiment, type SlotSimulator } from 'trellis-rl';

await RAPIER.init();

const SECONDS = 0.02;
const HALF_POLE = 0.5;

class CartPole implements SlotSimulator {
  private world: World | undefined;
  private cart!: RigidBody;
  private pole!: RigidBody;

  start(draw: (dimension: number) => number): void {
    const { RigidBodyDesc, ColliderDesc, JointData } = RAPIER;
    const world = new RAPIER.World({ x: 0, y: -9.81 });
    world.timestep = SECONDS;
    const cart = world.createRigidBody(RigidBodyDesc.dynamic().lockRotations().enabledTranslations(true, false));
    world.createCollider(ColliderDesc.cuboid(0.25, 0.1).setMass(1), cart);
    const pole = world.createRigidBody(RigidBodyDesc.dynamic().setTranslation(0, HALF_POLE));
    world.createCollider(ColliderDesc.cuboid(0.02, HALF_POLE).setMass(0.1).setSensor(true), pole);
    world.createImpulseJoint(JointData.revolute({ x: 0, y: 0 }, { x: 0, y: -HALF_POLE }), cart, pole, true);
    pole.setAngvel(draw(0) - 0.5, true);
    cart.setLinvel({ x: draw(1) - 0.5, y: 0 }, true);
    this.enter(world);
  }

  step(action: ArrayLike<number>) {
    this.cart.applyImpulse({ x: 10 * Math.max(-1, Math.min(1, action[0] ?? 0)) * SECONDS, y: 0 }, true);
    this.world?.step();
    const fallen = Math.abs(this.pole.rotation()) > 0.4 || Math.abs(this.cart.translation().x) > 2.4;
    return { reward: fallen ? 0 : 1, terminated: fallen };
  }

  observe(out: Float32Array | Uint8Array): void {
    out.set([this.cart.translation().x, this.cart.linvel().x, this.pole.rotation(), this.pole.angvel()]);
  }

  save(): Uint8Array {
    return this.world?.takeSnapshot() ?? new Uint8Array();
  }

  load(bytes: Uint8Array): void {
    this.enter(RAPIER.World.restoreSnapshot(bytes));
  }

  close(): void {
    this.world?.free();
  }

  private enter(world: World): void {
    this.close();
    this.world = world;
    [this.cart, this.pole] = world.bodies.getAll() as [RigidBody, RigidBody];
  }
}

/** Cart and pole as two bars, from the observation. */
function drawer(): Drawer {
  return {
    shapes: [
      { kind: 'bar', radius: 0.1, cap: 'flat', color: [70, 110, 160] },
      { kind: 'bar', radius: 0.03, cap: 'round', color: [200, 120, 60] },
    ],
    view: [-0.5, 1.5],
    ground: -0.1,
    pose(env, out, at) {
      const [x = 0, , angle = 0] = env.observations;
      out.set([x - 0.2, 0, x + 0.2, 0, x, 0, x - Math.sin(angle), Math.cos(angle)], at);
      return 0;
    },
    close() {},
  };
}

export const cartPole = defineSimulatorEnv({
  id: 'rapier-cartpole',
  parameters: { rapier: RAPIER.version(), revision: 1 },
  observation: 4,
  action: box([1], -1, 1),
  maxEpisodeSteps: 500,
  secondsPerStep: SECONDS,
  simulator: () => new CartPole(),
  drawer,
});
registerEnv('rapier-cartpole', () => cartPole);

registerExperiment({
  name: 'rapier-cartpole',
  summary: 'a cart and a pole in Rapier 2D, linear policy',
  track: 'modern',
  environment: 'rapier-cartpole',
  policy: { hidden: [] },
  iterations: 40,
  methods: {
    'single-path': { sampling: { steps: 4000, slots: 16 }, trustRegion: { klLimit: 0.05 } },
    vine: {
      sampling: { trunks: 8, trunkSteps: 1000, rolloutStates: 60, actionsPerState: 4, rolloutLength: 60 },
      trustRegion: { klLimit: 0.05 },
    },
  },
});
