import { z } from 'zod';
import { authors, fanInUniform, type InitialThetaOptions, orthogonal } from './initialise.js';

/**
 * Ways to draw first weights, by name. authors: the paper's authors' (into a hidden unit of norm 1). orthogonal: hidden
 * layers of gain sqrt 2, as Stable-Baselines3 and CleanRL. uniform: all layers as PyTorch's own, outputs too.
 */
export const initialWeightsSchema = z.enum(['authors', 'orthogonal', 'uniform']);
export type InitialWeights = z.output<typeof initialWeightsSchema>;

/** How such a network starts. @param outputNorm of the weights into each output, where the way has one */
export function initialisersOf(way: InitialWeights, outputNorm: number): InitialThetaOptions {
  if (way === 'orthogonal') return { hidden: orthogonal(Math.SQRT2), output: orthogonal(outputNorm) };
  if (way === 'uniform') return { hidden: fanInUniform(), output: fanInUniform() };
  return { output: authors(outputNorm) };
}
