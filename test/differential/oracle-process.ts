import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The Python that has the oracles. */
export const python = process.env['TRELLIS_PYTHON'] || 'python3';

/** A program in Python that answers a line of JSON by a frame: its length in bytes (uint32, little-endian), then these. */
class OracleProcess {
  private readonly child;
  private received: Buffer[] = [];
  private complaint = '';
  private waiting: { resolve: (rows: Buffer) => void; reject: (error: Error) => void } | null = null;

  constructor(script: string) {
    this.child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.received.push(chunk);
      this.deliver();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.complaint += chunk.toString();
    });
    const ended = (why: unknown) =>
      this.waiting?.reject(new Error(`${python} ${script} ended (${why}): ${this.complaint}`));
    this.child.on('error', ended).on('close', ended);
    // Told by the end of the process.
    this.child.stdin.on('error', () => {});
  }

  ask(job: object): Promise<Buffer> {
    this.hold(true);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.child.stdin.write(`${JSON.stringify(job)}\n`);
    });
  }

  private deliver(): void {
    const size = this.received.reduce((sum, { length }) => sum + length, 0);
    if (size < 4) return;
    const all = this.received.length === 1 ? this.received[0] : Buffer.concat(this.received);
    this.received = [all];
    const end = 4 + all.readUInt32LE();
    if (size < end) return;
    this.received = [all.subarray(end)];
    this.hold(false);
    this.waiting?.resolve(all.subarray(4, end));
    this.waiting = null;
  }

  /** Between questions it does not keep the tests from ending; it ends with them. */
  private hold(held: boolean): void {
    const { stdin, stdout, stderr } = this.child;
    for (const one of [this.child, ...([stdin, stdout, stderr] as unknown as Socket[])]) held ? one.ref() : one.unref();
  }
}

const idle = new Map<string, OracleProcess[]>();

/** Asks a program beside this file; what it gives for these jobs, one job's behind the other's. It is kept for the next. */
export async function askOracle(name: string, ...jobs: readonly object[]): Promise<Buffer> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const kept = idle.get(script) ?? [];
  idle.set(script, kept);
  const oracle = kept.pop() ?? new OracleProcess(script);
  const rows: Buffer[] = [];
  for (const job of jobs) rows.push(await oracle.ask(job));
  kept.push(oracle);
  return Buffer.concat(rows);
}
