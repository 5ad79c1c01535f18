// Which tests are not run on an emulated platform, and why. docs/install.md says the same in words.
const shell = 'needs a POSIX shell';
const signals = 'needs signals';
const pipes = 'no named pipes in folders';
const linux = 'needs Linux';
const roms = "needs cartridges of the user's";

/** Whole files and folders under test/. */
export const leftOut = {
  everywhere: {
    differential: 'needs Python',
    examples: 'the programs of examples/ as they are, in TypeScript',
    mpi: 'needs the launchers of this machine',
    package: 'packs and installs; "npm run prebuilds -- --all" does so on each platform',
    project: 'reads the sources and builds: nothing in it depends on the platform',
    'golden/atari-games.test.ts': roms,
    'export/page.test.ts': 'needs Chromium and esbuild, which are of this machine',
    'policy/portable-bundle.test.ts': 'needs esbuild, which is of this machine',
    'report/watch/browser.test.ts': 'needs Chromium, which is of this machine',
  },
  'linux-arm64': {},
  'win32-x64': {},
};

/**
 * Single tests, which skip themselves: file, names (all where none is given) and the reason. One that is skipped and is
 * not among these counts as failed.
 */
export const singles = {
  everywhere: [
    ['envs/atari.test.ts', null, roms],
    ['paper/atari-vine.test.ts', null, roms],
    ['report/record-agent.test.ts', null, roms],
  ],
  'linux-arm64': [['export/onnx.test.ts', null, "onnxruntime-node's own library does not load under qemu"]],
  'win32-x64': [
    ['base/files.test.ts', ['a full disk is a typed error'], 'needs /dev/full'],
    ['cli/output.test.ts', ['train goes on when its reader leaves, and is done; what only prints ends'], shell],
    ['cli/output.test.ts', ['output that cannot be written is told, once the run is done'], shell],
    ['cli/output.test.ts', ['the end of the terminal, or of a parent, is an interruption'], signals],
    ['cli/train.test.ts', ['Ctrl-C is answered within a second with the command to go on, exit code 130'], signals],
    ['cli/train.test.ts', ['what an interrupted run prints goes on with it when pasted into a shell'], shell],
    ['cli/watch.test.ts', ['watch tells its address, waits for runs/ to come, and Ctrl-C ends it'], signals],
    [
      'native/mujoco-lifetime.test.ts',
      [
        'gives memory back at close(), in a loop without pause',
        'lets the garbage collector see what dropped batches hold',
        'frees all that a construction took which failed',
      ],
      'reads memory in /proc',
    ],
    ['native/mpi.test.ts', ['a library that is not there is a typed error that says what to do'], linux],
    [
      'native/threads.test.ts',
      [
        'threads that cannot start are a typed error, and the process lives on',
        'a batch of games that cannot have its threads says so likewise, and gives back all it took',
      ],
      linux,
    ],
    ['native/mujoco-loading.test.ts', ['reads no pipe and no device'], pipes],
    ['native/roms.test.ts', ['pipes, devices and folders are refused without reading'], pipes],
    ['network/tfjs-missing.test.ts', ['tfjs build: a Python without TensorFlow'], 'a script stands in for Python'],
    ['train/cells.test.ts', ['jobs end when whoever runs them is killed'], signals],
    ['train/damage.test.ts', ['pipes in the place of files do not block'], pipes],
    [
      'train/lock.test.ts',
      ['a holder whose folder is gone, or that was taken over, is told so'],
      'nobody can replace an open file',
    ],
    ['train/lock.test.ts', ['containers: killed as process 1 and begun anew; another host name is refused'], linux],
  ],
};

/** A file's result held to the list: what is skipped and not on it has failed. */
export function judge(platform, result) {
  const rows = [...singles.everywhere, ...singles[platform]].filter(([file]) => file === result.file);
  const unlisted = result.skipped.filter((test) => !rows.some(([, names]) => names === null || names.includes(test)));
  return {
    ...result,
    fail: result.fail + unlisted.length,
    failures: [...result.failures, ...unlisted.map((test) => `skipped, and not listed: ${test}`)],
  };
}

/** What is worth trying at every submission, the first things first. */
export const share = [
  'native/addon.test.ts',
  'native/arrays.test.ts',
  'native/batch-simulator.test.ts',
  'native/mujoco-batch.test.ts',
  'native/atari-extras.test.ts',
  'native/noise.test.ts',
  'network/native-conformance.test.ts',
  'network/initialise.test.ts',
  'policy/distributions.test.ts',
  'policy/portable.test.ts',
  'env/define-env.test.ts',
  'envs/cartpole.test.ts',
  'algorithms/parts-of-state.test.ts',
  'algorithms/nothing-to-learn.test.ts',
];
