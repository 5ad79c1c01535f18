import type { MujocoModel } from '../../native/mujoco-model.js';

/** What a model said, by question: `["field","body_mass"]`. */
export type ModelAnswers = Readonly<Record<string, Answer>>;

/** A typed array by its class and numbers, anything else as JSON has it. */
type Answer = { readonly type: keyof typeof arrays; readonly values: readonly number[] } | { readonly value: unknown };

const arrays = { Float64Array, Float32Array, Int32Array, Uint8Array } as const;

const question = (name: string, words: readonly unknown[]) => JSON.stringify([name, ...words]);

function answer(value: unknown): Answer {
  const type = Object.keys(arrays).find((name) => value instanceof arrays[name as keyof typeof arrays]);
  if (type === undefined) return { value };
  return { type: type as keyof typeof arrays, values: Array.from(value as Float64Array) };
}

/**
 * A model that takes down what it is asked. An environment's functions are made with it in Node, so that they can be made
 * again in a page, where MuJoCo's build has no such model.
 */
export function recordModel(model: MujocoModel): { readonly model: MujocoModel; readonly answers: ModelAnswers } {
  const answers: Record<string, Answer> = {};
  const recorder = new Proxy(model, {
    get(_, name) {
      const value = model[name as keyof MujocoModel] as unknown;
      if (typeof name !== 'string') return value;
      if (typeof value !== 'function') {
        answers[question(name, [])] = answer(value);
        return value;
      }
      return (...words: unknown[]) => {
        const result = (value as (...given: unknown[]) => unknown).apply(model, words);
        answers[question(name, words)] = answer(result);
        return result;
      };
    },
  });
  return { model: recorder, answers };
}

/** The model again, as far as it was asked; other questions are errors. */
export function replayModel(answers: ModelAnswers): MujocoModel {
  const find = (name: string, words: readonly unknown[]) => {
    const found = answers[question(name, words)];
    if (found === undefined)
      throw new RangeError(`in a page, the model's ${name} was not asked for when it was exported`);
    return 'type' in found ? arrays[found.type].from(found.values) : found.value;
  };
  return new Proxy({} as MujocoModel, {
    get(_, name) {
      if (typeof name !== 'string') return undefined;
      return question(name, []) in answers ? find(name, []) : (...words: unknown[]) => find(name, words);
    },
  });
}
