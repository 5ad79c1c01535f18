import type { AtariGame } from '../native/atari-games.js';
import { box, discrete } from './spaces.js';
import type { ActionArray, ActionSpace } from './types.js';

/** ALE action code of (horizontal, vertical, fire), each factor counted from its lowest value: index 6 h + 2 v + f. */
export const JOYSTICK = Int32Array.of(9, 17, 4, 12, 7, 15, 5, 13, 0, 1, 2, 10, 8, 16, 3, 11, 6, 14);

/** How the actions of an Atari environment become action codes and strengths. */
export interface AtariActions {
  readonly space: ActionSpace;
  /** Whether `strengths` is filled. */
  readonly continuous: boolean;
  /** Reads a slot's row of actions into its place in `codes` and `strengths`. */
  read(actions: ActionArray, slot: number, codes: Int32Array, strengths: Float32Array): void;
}

/**
 * - joystick: two axes and fire, 3 × 3 × 2;
 * - minimal, all: an index into the game's minimal actions, or into all 18;
 * - continuous: ale-py's radius r in 0 … 1, angle θ in -π … π and fire in 0 … 1. An axis points where r cos θ (right) or
 *   r sin θ (up) is beyond ±threshold, fire is pressed above it, and a paddle turns by r.
 */
export function atariActions(kind: string, game: AtariGame, threshold: number): AtariActions {
  if (kind === 'continuous') return continuous(threshold);
  if (kind === 'joystick') {
    return {
      space: discrete(3, 3, 2),
      continuous: false,
      read(actions, slot, codes) {
        const at = 3 * slot;
        codes[slot] = JOYSTICK[6 * actions[at] + 2 * actions[at + 1] + actions[at + 2]];
      },
    };
  }
  const set = kind === 'minimal' ? game.minimalActions : Array.from({ length: 18 }, (_, code) => code);
  return {
    space: discrete(set.length),
    continuous: false,
    read(actions, slot, codes) {
      codes[slot] = set[actions[slot]];
    },
  };
}

function continuous(threshold: number): AtariActions {
  const axis = (value: number) => (value > threshold ? 2 : value < -threshold ? 0 : 1);
  return {
    space: box([3], [0, -Math.PI, 0], [1, Math.PI, 1]),
    continuous: true,
    read(actions, slot, codes, strengths) {
      const r = Math.min(1, Math.max(0, actions[3 * slot]));
      const angle = actions[3 * slot + 1];
      const fire = actions[3 * slot + 2] > threshold ? 1 : 0;
      codes[slot] = JOYSTICK[6 * axis(r * Math.cos(angle)) + 2 * axis(r * Math.sin(angle)) + fire];
      strengths[slot] = r;
    },
  };
}
