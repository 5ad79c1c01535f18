import { createEngine } from '../../src/policy/engines/index.js';
import { engineConformance } from './conformance.js';

engineConformance('reference', (spec) => createEngine(spec, 'reference'));
engineConformance('native', (spec) => createEngine(spec, 'native', { threads: 2 }));
engineConformance('tfjs:cpu', (spec) => createEngine(spec, 'tfjs:cpu'));
