import type { ReproduceTarget } from '../../src/cli/index.js';

/** The paper's figures, tables, theory and side claims; each is a module of its own that is loaded when asked for. */
export const paperTargets: Readonly<Record<string, ReproduceTarget>> = {
  fig4: { load: async () => (await import('./figure4.js')).reproduceFigure4, drawn: true },
  fig5: { load: async () => (await import('./atari.js')).reproduceFigure5, drawn: true },
  table1: { load: async () => (await import('./atari.js')).reproduceTable1 },
  theory: { load: async () => (await import('./theory.js')).reproduceTheory },
  calibration: { load: async () => (await import('./calibration.js')).reproduceCalibration },
  'atari-vine': { load: async () => (await import('./atari-vine.js')).reproduceAtariVine },
  claims: { load: async () => (await import('./claims.js')).reproduceClaims, drawn: true },
};
