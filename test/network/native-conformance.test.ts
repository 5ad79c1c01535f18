/** The native engine is what an engine must be; by itself, as it is also run on every emulated platform. */
import { createEngine } from '../../src/network/engines/index.js';
import type { NetworkSpec } from '../../src/network/types.js';
import { argumentConformance } from './argument-conformance.js';
import { engineConformance } from './conformance.js';

const make = (spec: NetworkSpec) => createEngine(spec, 'native', { threads: 2 });
engineConformance('native', make);
argumentConformance('native', make);
