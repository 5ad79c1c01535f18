import { createEngine } from '../../src/policy/engines/index.js';
import { engineConformance } from './conformance.js';

engineConformance('reference', (spec) => createEngine(spec, 'reference'));
engineConformance('native', (spec) => createEngine(spec, 'native', { threads: 2 }));
// The others have to be installed: TRELLIS_TFJS_BACKENDS=tfjs-node,wasm
for (const backend of (process.env['TRELLIS_TFJS_BACKENDS'] ?? 'cpu').split(',')) {
  engineConformance(`tfjs:${backend}`, (spec) => createEngine(spec, `tfjs:${backend}`));
}
