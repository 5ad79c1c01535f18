// Which tests are not run on an emulated platform, and why; single tests say so themselves, with `skip`.

/** By folder or file under test/. */
export const leftOut = {
  everywhere: {
    differential: 'needs Python',
    examples: 'the programs of examples/ as they are, in TypeScript',
    package: 'packs and installs; "npm run prebuilds -- --all" does so on each platform',
    project: 'reads the sources and builds: nothing in it depends on the platform',
    'export/page.test.ts': 'needs Chromium and esbuild, which are of this machine',
    'policy/portable-bundle.test.ts': 'needs esbuild, which is of this machine',
    'report/watch/browser.test.ts': 'needs Chromium, which is of this machine',
  },
  'linux-arm64': {},
  'win32-x64': {},
};

/** What is worth trying at every submission, the first things first. */
export const share = [
  'native/addon.test.ts',
  'native/arrays.test.ts',
  'native/batch-simulator.test.ts',
  'native/mujoco-batch.test.ts',
  'native/atari-extras.test.ts',
  'native/noise.test.ts',
  'network/initialise.test.ts',
  'policy/distributions.test.ts',
  'policy/portable.test.ts',
  'env/define-env.test.ts',
  'envs/cartpole.test.ts',
  'algorithms/parts-of-state.test.ts',
  'algorithms/nothing-to-learn.test.ts',
];
