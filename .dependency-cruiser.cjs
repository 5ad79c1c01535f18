// The layer rule of docs/architecture.md: imports point toward the simulator, never back and never around.
// `layers` lists, for each folder of src/, everything it may import besides itself and base.
const layers = {
  base: [],
  native: [],
  theory: [],
  env: ['native'],
  network: ['env', 'native'],
  policy: ['network', 'env', 'native'],
  sample: ['policy', 'network', 'env', 'native'],
  rollout: ['policy', 'network', 'env', 'native'],
  estimate: ['sample', 'policy', 'network', 'env', 'native'],
  optimize: ['estimate', 'sample', 'policy', 'network', 'env', 'native'],
  algorithms: ['optimize', 'estimate', 'sample', 'policy', 'network', 'env', 'native'],
  train: ['algorithms', 'optimize', 'estimate', 'sample', 'policy', 'network', 'env', 'native'],
  experiments: [
    'theory',
    'train',
    'algorithms',
    'optimize',
    'estimate',
    'sample',
    'policy',
    'network',
    'env',
    'native',
    'envs',
  ],
  report: [
    'experiments',
    'theory',
    'train',
    'algorithms',
    'optimize',
    'estimate',
    'sample',
    'policy',
    'network',
    'env',
    'native',
  ],
};
const folder = (name) => (name === 'envs' ? '^envs/' : `^src/${name}/`);

const layerRules = Object.entries(layers).map(([name, allowed]) => ({
  name: `layer-${name}`,
  comment: `src/${name} may import only ${['itself', 'base', ...allowed].join(', ')}.`,
  severity: 'error',
  from: { path: folder(name) },
  to: { path: '^(src|envs|test|bench)/', pathNot: [name, 'base', ...allowed].map(folder) },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'layer-envs',
      comment: 'envs/ may import only itself, src/env, src/native and src/base.',
      severity: 'error',
      from: { path: '^envs/' },
      to: { path: '^(src|test|bench)/', pathNot: ['env', 'native', 'base'].map(folder) },
    },
    {
      name: 'layer-index',
      comment: 'The public API gathers the library; it knows neither the command line nor tests.',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^(src/cli|test|bench)/' },
    },
    {
      name: 'layer-cli',
      comment: 'The command line is on top: it imports anything but tests and benchmarks.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'unknown-folder',
      comment: 'A new folder of src/ gets its place in the table above before it imports anything.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...Object.keys(layers).map(folder), '^src/cli/', '^src/index\\.ts$'] },
      to: {},
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'only-native-loads-the-addon',
      comment: 'src/native is the only door to the addon.',
      severity: 'error',
      from: { pathNot: '^src/native/' },
      to: { path: ['node-gyp-build', '\\.node$', '^src/native/addon\\.[jt]s$'] },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere. Optional peers are loaded by name at run time and do not show here.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
