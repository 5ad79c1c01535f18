/** Event files as TensorBoard itself reads them. Python: $TRELLIS_PYTHON, else python3, with tensorboard (no TensorFlow). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { resume, train } from '../../src/train/train.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-tensorboard-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Scalars that TensorBoard would show of a run, what its loader reads of each file, and what it complains of. */
const READ = `
import json, logging, sys, glob, os
logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
folder = sys.argv[1]
accumulator = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
scalars = {tag: [[e.step, e.value] for e in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]}
files = [[e.file_version or e.step for e in EventFileLoader(f).Load()] for f in sorted(glob.glob(os.path.join(folder, "*")))]
times = [e.wall_time for e in accumulator.Scalars("progress/mean_return")]
print(json.dumps({"scalars": scalars, "files": files, "times": times}))
`;

interface Reading {
  scalars: Record<string, [step: number, value: number][]>;
  files: (string | number)[][];
  times: number[];
}

function read(directory: string): Reading {
  const python = process.env['TRELLIS_PYTHON'] || 'python3';
  const env = { ...process.env, PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION: 'python' };
  return JSON.parse(
    execFileSync(python, ['-c', READ, join(directory, 'tensorboard')], { encoding: 'utf8', env }),
  ) as Reading;
}

const config = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 2,
  engine: 'reference',
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
  evaluation: { every: 2, episodes: 2 },
};
const env = countingEnv(5);
const loggers = ['tensorboard'];

type Rows = readonly Readonly<Record<string, number>>[];

function expected(group: string, rows: Rows): Reading['scalars'] {
  const names = Object.keys(rows[0]).filter((name) => name !== 'iteration');
  const curves = names.map((name) => [
    `${group}/${name}`,
    rows.filter((row) => Number.isFinite(row[name])).map((row) => [row['iteration'], Math.fround(row[name])]),
  ]);
  return Object.fromEntries(curves.filter(([, points]) => points!.length > 0)) as Reading['scalars'];
}

/** Gives the event file written last the name of an earlier session, so that the next one's comes after it. */
function age(directory: string, seconds: number): void {
  const folder = join(directory, 'tensorboard');
  const newest = readdirSync(folder).sort().at(-1)!;
  renameSync(join(folder, newest), join(folder, newest.replace(/tfevents\.\d+/, `tfevents.${seconds}`)));
}

test('TensorBoard shows every figure of a run at its iteration, and drops what a resumed run made anew', async () => {
  const directory = join(root, 'run');
  const { rows, evaluations } = await train(config, { env, directory, loggers });
  const first = read(directory);
  assert.deepEqual(first.scalars, { ...expected('progress', rows), ...expected('evaluation', evaluations) });
  assert.deepEqual(first.files, [['brain.Event:2', 0, 1, 1]]);
  assert.ok(first.times.every((time) => Math.abs(time - Date.now() / 1000) < 120));

  // A twin that was killed after its fourth iteration, with a checkpoint of the second: its events are all there.
  const killed = join(root, 'killed');
  cpSync(directory, killed, { recursive: true });
  age(directory, 1_000_000_000);
  await resume(directory, 4, { env, loggers });
  age(directory, 1_000_000_001);
  rmSync(join(killed, 'tensorboard'), { recursive: true });
  cpSync(join(directory, 'tensorboard'), join(killed, 'tensorboard'), { recursive: true });
  const { rows: third } = await resume(killed, 3, { env, loggers });
  const again = read(killed);
  assert.equal(again.files.length, 3);
  assert.deepEqual(again.scalars['progress/mean_kl'], expected('progress', third)['progress/mean_kl']);
});
