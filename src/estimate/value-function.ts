import { z } from 'zod';
import { ArgumentError, TrellisError } from '../base/errors.js';
import { signalSchema, threadsSchema } from '../base/limits.js';
import { parseOptions } from '../base/options.js';
import { checkSeed, Purpose, streamKey } from '../base/random.js';
import { pacerOf } from '../base/scheduling.js';
import type { ObservationArray } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import { createEngine } from '../network/engines/index.js';
import { type InitialThetaOptions, initialTheta } from '../network/initialise.js';
import { product } from '../network/layout.js';
import type { LoadedObservations, NetworkEngine, NetworkSpec } from '../network/types.js';
import { Adam, adamSchema } from '../optimize/adam.js';
import { minimizeLbfgs } from '../optimize/lbfgs.js';
import type { Objective } from '../optimize/objectives.js';
import { negativeValueError } from '../optimize/value-error.js';
import { allFinite } from '../optimize/vectors.js';
import { checkFinite } from '../rollout/finite.js';
import type { PathBatch } from '../rollout/types.js';
import type { PathValues } from './gae.js';
import { fitByMinibatches } from './value-steps.js';

/** adam: steps on minibatches. lbfgs: whole batches, for small networks and smooth fits. */
const optimizerSchema = z.discriminatedUnion('kind', [
  adamSchema.extend({ kind: z.literal('adam') }),
  z.strictObject({ kind: z.literal('lbfgs'), memory: z.int().min(1).max(1000).default(10) }),
]);

const optionsSchema = z.strictObject({
  /** Of the first θ. Default 0 */
  seed: z.int().min(0).default(0),
  /** Default Adam, learning rate 1e-3 */
  optimizer: optimizerSchema.default(() => optimizerSchema.parse({ kind: 'adam', learningRate: 1e-3 })),
  engine: z.string().optional(),
  threads: threadsSchema,
});
export type ValueFunctionOptions = z.input<typeof optionsSchema> & {
  /** How the first θ is drawn; default as `initialTheta` */
  readonly initial?: InitialThetaOptions;
};

const fitSchema = z.strictObject({
  /** Passes over the batch; with L-BFGS, evaluations of error and gradient at most. Default 10 */
  epochs: z.int().min(1).max(100_000).default(10),
  /** Adam only: samples a step; the last of an epoch may be of fewer. Default 64 */
  minibatchSize: z.int().min(1).optional(),
  /** Adam only: decides the order of samples, together with the number of the fit. Default 0 */
  seed: z.int().min(0).optional(),
  /** V at the states [S], as `predictPaths` gave it, if it was not fitted since: they are then not computed again. */
  values: z.custom<Float32Array>((value) => value instanceof Float32Array, 'a Float32Array').optional(),
  /** Values gain nothing by moving further than this in one fit. Default: no limit */
  clip: z.number().gt(0).optional(),
  /** Adam only: longest gradient of a minibatch. Default: no limit */
  maxGradientNorm: z.number().gt(0).optional(),
  signal: signalSchema,
});
export type ValueFitOptions = z.input<typeof fitSchema>;

/** Mean squared errors over the whole batch. */
export interface ValueFit {
  readonly errorBefore: number;
  readonly errorAfter: number;
}

type Observed = Pick<PathBatch, 'observations' | 'states'>;

/**
 * V(s): a network with one output, fitted to targets such as returns or λ-returns. Has an engine of its own, to be closed.
 * Calls are done one after the other. Same state, batch and options: same bytes (native engine).
 */
export class ValueFunction {
  private theta: Float32Array;
  private readonly adam: Adam | null;
  private fits = 0;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly engine: NetworkEngine,
    private readonly settings: z.output<typeof optionsSchema>,
    initial: InitialThetaOptions | undefined,
  ) {
    this.theta = initialTheta(engine.spec, settings.seed, initial);
    const { optimizer } = settings;
    if (optimizer.kind === 'lbfgs') this.adam = null;
    else {
      const { kind: _, ...options } = optimizer;
      this.adam = new Adam(engine.parameterCount, options);
    }
  }

  /** @throws ArgumentError, NotFoundError for options, and for a network that has not one output */
  static async create(spec: NetworkSpec, given: ValueFunctionOptions = {}): Promise<ValueFunction> {
    const { initial, ...plain } = given ?? {};
    const settings = parseOptions(optionsSchema, plain, 'options of a value function');
    const { seed, threads, engine: name } = settings;
    checkSeed(seed);
    const engine = await createEngine(spec, name, threads === undefined ? {} : { threads });
    try {
      if (engine.outputSize !== 1) {
        throw new ArgumentError(`a value function of ${engine.outputSize} outputs`, {
          value: engine.outputSize,
          expected: 'a network with one output, and none that is state-independent',
        });
      }
      return new ValueFunction(engine, settings, initial);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  get spec(): NetworkSpec {
    return this.engine.spec;
  }

  /** @param observations [n × obs] @returns V of each [n] @throws ArgumentError unless they are whole rows */
  predict(observations: ObservationArray): Promise<Float32Array> {
    const size = product(this.spec.inputShape);
    const type = this.spec.inputType === 'uint8' ? 'Uint8Array' : 'Float32Array';
    const { length } = checkArray('observations', observations, type, 0, { shared: true });
    if (length % size !== 0) {
      throw new ArgumentError(`observations of ${length} numbers`, { value: length, expected: `rows of ${size}` });
    }
    return this.alone(async () => this.evaluate(observations, length / size));
  }

  /** V at the states of paths [S] and where they stopped [E], as `generalizedAdvantages` reads them. */
  async predictPaths(
    batch: Pick<PathBatch, 'observations' | 'finalObservations'>,
  ): Promise<PathValues & { readonly values: Float32Array }> {
    const values = await this.predict(batch?.observations);
    return { values, finalValues: await this.predict(batch.finalObservations) };
  }

  /**
   * Moves θ to lessen the squared error. An error, an abort included, leaves everything as it was before the call.
   * @param batch its `observations` [S × obs] must stay as they are meanwhile
   * @param targets of V [S]
   * @throws AbortedError; ArgumentError, NotFoundError; TrellisError ERR_DIVERGED for targets or a θ that are not finite
   */
  async fit(batch: Observed, targets: ArrayLike<number>, given: ValueFitOptions = {}): Promise<ValueFit> {
    const options = parseOptions(fitSchema, given, 'options of a fit');
    const { states, observations } = batch ?? {};
    if (!(states > 0) || targets?.length !== states) {
      throw new ArgumentError(`${targets?.length} targets for ${states} states`, {
        value: targets?.length,
        expected: 'a target for each of at least one state',
      });
    }
    const { values: known } = options;
    if (known !== undefined) checkArray('values', known, 'Float32Array', states, { exact: true });
    if (this.adam === null) refuseAdamOptions(options);
    checkFinite(targets, (i) => `target ${i} of the value function`);
    return this.alone(async () => {
      const before = this.saveState();
      const { signal } = options;
      const { engine } = this;
      await engine.setTheta(this.theta);
      const data = await engine.load(observations, states);
      try {
        const old = known ?? (await engine.evaluate(data));
        const clip = options.clip === undefined ? undefined : { old, range: options.clip };
        if (this.adam === null) await this.descend(data, negativeValueError(targets, clip), options.epochs, signal);
        else {
          const { epochs, minibatchSize = 64, seed = 0, maxGradientNorm } = options;
          await fitByMinibatches({
            engine,
            adam: this.adam,
            theta: this.theta,
            data,
            targets: Float64Array.from(targets),
            clip,
            epochs,
            minibatchSize,
            maxGradientNorm,
            key: (epoch) => streamKey(seed, Purpose.valueFit, this.fits, epoch),
            signal,
          });
        }
        if (!allFinite(this.theta)) throw diverged();
        this.fits++;
        const error = negativeValueError(targets);
        const [errorBefore, errorAfter] = [old, await engine.evaluate(data)].map((values) =>
          error.value(values, signal),
        );
        return { errorBefore: -2 * (await errorBefore), errorAfter: -2 * (await errorAfter) };
      } catch (error) {
        this.loadState(before);
        throw error;
      } finally {
        data.release();
      }
    });
  }

  /** Copies of all that decides what comes next, as named arrays: θ, Adam's moments and steps, number of fits. */
  saveState(): Record<string, Float32Array | Int32Array> {
    const state: Record<string, Float32Array | Int32Array> = {
      theta: this.theta.slice(),
      fits: Int32Array.of(this.fits),
    };
    for (const [name, array] of Object.entries(this.adam?.saveState() ?? {})) state[`adam.${name}`] = array;
    return state;
  }

  /** Goes on from what `saveState` gave. @throws ArgumentError for the state of another network or optimiser */
  loadState(state: Record<string, ArrayBufferView>): void {
    const { theta: savedTheta, fits: savedFits, ...rest } = state ?? {};
    const exact = { exact: true, shared: true } as const;
    const count = this.engine.parameterCount;
    const theta = checkArray('theta of the value function', savedTheta, 'Float32Array', count, exact);
    const fits = checkArray('fits of the value function', savedFits, 'Int32Array', 1, exact);
    const names = this.adam === null ? [] : ['adam.mean', 'adam.square', 'adam.steps'];
    if (Object.keys(rest).sort().join() !== names.join()) {
      throw new ArgumentError(`the saved state has ${Object.keys(rest).join(', ') || 'no more'}`, {
        value: Object.keys(rest),
        expected: `theta, fits${names.map((name) => `, ${name}`).join('')}`,
      });
    }
    this.adam?.loadState({ mean: rest['adam.mean'], square: rest['adam.square'], steps: rest['adam.steps'] });
    this.theta = theta.slice();
    this.fits = fits[0];
  }

  close(): void {
    this.engine.close();
  }

  private async evaluate(observations: ObservationArray, count: number): Promise<Float32Array> {
    if (count === 0) return new Float32Array(0);
    await this.engine.setTheta(this.theta);
    const data = await this.engine.load(observations, count);
    try {
      return await this.engine.evaluate(data);
    } finally {
      data.release();
    }
  }

  private async descend(
    data: LoadedObservations,
    error: Objective,
    evaluations: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { engine, settings } = this;
    const pacer = pacerOf(signal);
    const memory = settings.optimizer.kind === 'lbfgs' ? settings.optimizer.memory : 0;
    const { x } = await minimizeLbfgs(
      async (candidate) => {
        if (pacer.due()) await pacer.pause();
        await engine.setTheta(Float32Array.from(candidate));
        const values = await engine.evaluate(data);
        const gradient = await engine.vjp(data, await error.cotangents(values, signal));
        return { value: -(await error.value(values, signal)), gradient: Float64Array.from(gradient, (g) => -g) };
      },
      this.theta,
      { maxEvaluations: evaluations, memory },
    );
    this.theta = Float32Array.from(x);
    await engine.setTheta(this.theta);
  }

  /** After all calls before it: each finds its own θ in the engine. */
  private alone<T>(body: () => Promise<T>): Promise<T> {
    const result = this.last.then(body);
    this.last = result.catch(() => {});
    return result;
  }
}

function refuseAdamOptions(options: ValueFitOptions): void {
  for (const name of ['minibatchSize', 'seed', 'maxGradientNorm'] as const) {
    if (options[name] === undefined) continue;
    throw new ArgumentError(`${name} of a fit by L-BFGS`, {
      value: options[name],
      expected: 'none: it takes the whole batch at once',
      hint: 'Use optimizer { kind: "adam" } for minibatches',
    });
  }
}

function diverged(): TrellisError {
  return new TrellisError('ERR_DIVERGED', 'the value function diverged: its fit made a parameter that is not finite', {
    hint: 'Lower its learning rate, set maxGradientNorm, or scale the rewards',
  });
}
