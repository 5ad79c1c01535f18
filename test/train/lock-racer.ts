// Takes a lock at the moment it is told, and says whether it has it.
import { type Lock, takeLock } from '../../src/train/lock.js';

const [path, system] = [process.argv[2], process.argv[3] === 'true'];
let lock: Lock | null = null;
process.on('message', ({ at }: { at?: number }) => {
  if (at === undefined) {
    lock?.release();
    lock = null;
    process.send!({});
    return;
  }
  while (Date.now() < at);
  const jitter = process.hrtime.bigint() + BigInt(Math.floor(Math.random() * 40_000));
  while (process.hrtime.bigint() < jitter);
  try {
    lock = takeLock(path, { system });
  } catch {
    lock = null;
  }
  process.send!({ held: lock !== null });
});
process.send!({ ready: true });
