import { createEngine } from '../../src/network/engines/index.js';
import type { NetworkEngine, NetworkSpec } from '../../src/network/types.js';
import { argumentConformance } from './argument-conformance.js';
import { engineConformance } from './conformance.js';

function conformance(name: string, make: (spec: NetworkSpec) => Promise<NetworkEngine>): void {
  engineConformance(name, make);
  argumentConformance(name, make);
}

conformance('reference', (spec) => createEngine(spec, 'reference'));
// The others have to be installed: TRELLIS_TFJS_BACKENDS=tfjs-node,wasm
for (const backend of (process.env['TRELLIS_TFJS_BACKENDS'] ?? 'cpu').split(',')) {
  conformance(`tfjs:${backend}`, (spec) => createEngine(spec, `tfjs:${backend}`));
}
