import type { ActionArray, EnvSpec, ObservationArray } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import { checkActing } from '../policy/fit.js';
import type { ActingPolicy } from '../policy/types.js';
import { checkFunction } from './arguments.js';
import type { Places } from './places.js';

/** Memory for one step of n places. */
export interface StepRows {
  /** n */
  readonly count: number;
  /** [n × obs] */
  readonly observations: ObservationArray;
  /** [n × m] */
  readonly distParams: Float32Array;
  /** [n × act] */
  readonly actions: ActionArray;
  /** [n] */
  readonly logQ: Float32Array;
}

/** What chooses the actions of the places from their observations. */
export interface Behaviour {
  /** m; 0 where there is no distribution */
  readonly distParamSize: number;
  /** Fills `actions`, and what it knows of `distParams` and `logQ`. */
  act(rows: StepRows, places: Places): Promise<void>;
  /** Only these places, by their former numbers, go on. */
  pack?(kept: Int32Array): void;
}

/** Chooses the action of one slot from its observation; `time`: steps since its episode began. */
export type Actor = (observation: ObservationArray, time: number) => ActionArray | Promise<ActionArray>;

/** Draws the policy's actions, each with the key and at the time of its place. @throws ArgumentError if it is no policy */
export function drawActions(policy: ActingPolicy): Behaviour {
  const { engine, distribution } = checkActing(policy);
  return {
    distParamSize: distribution.distParamSize,
    async act({ count, observations, distParams, actions, logQ }, places) {
      await engine.forward(observations, count, distParams);
      const { keys, times } = places.draws();
      distribution.sample(distParams, keys, times, actions, logQ);
    },
  };
}

/** Takes the policy's most likely actions. @throws ArgumentError if it is no policy */
export function takeModes(policy: ActingPolicy): Behaviour {
  const { engine, distribution } = checkActing(policy);
  return {
    distParamSize: distribution.distParamSize,
    async act({ count, observations, distParams, actions }) {
      await engine.forward(observations, count, distParams);
      distribution.mode(distParams, actions);
    },
  };
}

/** Asks a function for the action of each place in turn. @throws ArgumentError for an answer of another type or size */
export function askActor(act: Actor, { actionSpace }: EnvSpec): Behaviour {
  checkFunction('the actor', act);
  const type = actionSpace.kind === 'discrete' ? 'Int32Array' : 'Float32Array';
  return {
    distParamSize: 0,
    async act({ count, observations, actions }, places) {
      const width = observations.length / count;
      const size = actions.length / count;
      for (let place = 0; place < count; place++) {
        const observation = count === 1 ? observations : observations.subarray(place * width, (place + 1) * width);
        const answer = await act(observation, places.times[place]);
        actions.set(
          checkArray('the action of the actor', answer, type, size, { exact: true, shared: true }),
          place * size,
        );
      }
    },
  };
}
