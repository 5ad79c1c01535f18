// The layer rule of docs/architecture.md: imports point toward the simulator, never back and never around.
// Each folder of src/ may import those before it in this list, and itself.
const order = [
  'base',
  'native',
  'cluster',
  'env',
  'network',
  'policy',
  'rollout',
  'optimize',
  'estimate',
  'algorithms',
  'train',
  'report',
  'export',
];
const layers = Object.fromEntries(order.map((name, i) => [name, order.slice(0, i)]));
const folder = (name) => `^src/${name}/`;

const layerRules = Object.entries(layers).map(([name, allowed]) => ({
  name: `layer-${name}`,
  comment: `src/${name} may import only ${['itself', ...allowed].join(', ')}.`,
  severity: 'error',
  from: { path: folder(name) },
  to: { path: '^(src|envs|paper|zoo|examples|bin|test|bench)/', pathNot: [name, ...allowed].map(folder) },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'public-api',
      comment: 'envs/, paper/, zoo/ and examples/ import what a stranger can: the public API.',
      severity: 'error',
      from: { path: '^(envs|paper|zoo|examples)/' },
      to: { path: '^src/', pathNot: '^src/(index|(cli|report)/index)\\.ts$' },
    },
    {
      name: 'layer-envs',
      comment: 'Environments stand on the library alone.',
      severity: 'error',
      from: { path: '^envs/' },
      to: { path: '^(paper|zoo|examples|bin|test|bench)/' },
    },
    {
      name: 'layer-tracks',
      comment: 'The paper and the modern track never mix; both may use envs/.',
      severity: 'error',
      from: { path: '^(paper|zoo)/' },
      to: { path: '^(paper|zoo|examples|bin|test|bench)/', pathNot: '^$1/' },
    },
    {
      name: 'layer-index',
      comment: 'The public API gathers the library without its command line.',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'library-alone',
      comment: 'The library knows no environment, no paper and no program by name.',
      severity: 'error',
      from: { path: '^src/(cli/|index\\.ts$)' },
      to: { path: '^(envs|paper|zoo|examples|bin|test|bench)/' },
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
