/** What `trellis-rl` is to an environment's functions in a page: the part of it that needs no Node. */

export { inverseNormal } from '../../base/normal.js';
export { foldKey, Purpose, streamKey, streamKeys, uniform } from '../../base/random.js';
export * from '../../policy/portable.js';
