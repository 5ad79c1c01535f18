import { randomBytes } from 'node:crypto';
import { labelRuns } from '../labels.js';
import { type PlottedQuantities, type PlottedRun, plotQuantities } from '../plot-data.js';
import type { Run } from '../run.js';
import { findRuns } from './find-runs.js';
import { type ReadRun, type RunFacts, readWatched, signature } from './watched-run.js';

/** What changed since a version, as JSON for the page. */
export interface Update {
  /** Of this process: versions of another mean nothing. */
  readonly session: string;
  readonly version: number;
  readonly quantities: PlottedQuantities;
  /** All runs there are, in the order of the page, with their labels. */
  readonly order: readonly { readonly id: number; readonly label: string }[];
  /** Those that changed. */
  readonly runs: readonly ({ readonly id: number; readonly facts: RunFacts } & Omit<PlottedRun, 'label'>)[];
}

interface Entry extends ReadRun {
  readonly id: number;
  readonly signature: string;
  /** Of the set, when this run last changed. */
  readonly version: number;
}

/** Milliseconds that a look at the folders is good for, however many browsers ask. */
const FRESH_MS = 500;

/** The runs in and below some folders, read again where their files changed. */
export class WatchedFolders {
  private readonly session = randomBytes(6).toString('hex');
  private entries = new Map<string, Entry>();
  private readonly ids = new Map<string, number>();
  private version = 0;
  private looking: Promise<void> | null = null;
  private lookedAt = Number.NEGATIVE_INFINITY;

  /** @param prepare called once for each run before it is read, to import what it names; may fail */
  constructor(
    readonly folders: readonly string[],
    private readonly prepare: (directory: string) => Promise<void> = async () => {},
  ) {}

  /** What is new to somebody who has seen a version of a session; null where nothing is. */
  async update(session: string, since: number): Promise<Update | null> {
    await this.look();
    const known = session === this.session && since <= this.version ? since : -1;
    if (known === this.version) return null;
    const entries = [...this.entries.values()];
    const readable = entries.filter((entry): entry is Entry & { run: Run } => entry.run !== null);
    const labels = new Map(labelRuns(readable.map(({ run }) => run)).map(({ label }, i) => [readable[i].id, label]));
    entries.sort((a, b) => rank(a) - rank(b) || a.facts.name.localeCompare(b.facts.name, 'en', { numeric: true }));
    return {
      session: this.session,
      version: this.version,
      quantities: plotQuantities(readable.map(({ run }) => run)),
      order: entries.map(({ id, facts }) => ({ id, label: labels.get(id) ?? facts.name })),
      runs: entries
        .filter(({ version }) => version > known)
        .map(({ id, facts, plotted }) => ({ id, facts, ...plotted })),
    };
  }

  /** A run as it was read last. */
  find(id: number): { readonly directory: string; readonly entry: ReadRun } | undefined {
    const [directory, entry] = [...this.entries].find(([, other]) => other.id === id) ?? [];
    return directory === undefined ? undefined : { directory, entry: entry! };
  }

  private look(): Promise<void> {
    this.looking ??= this.lookAgain().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async lookAgain(): Promise<void> {
    if (performance.now() - this.lookedAt < FRESH_MS) return;
    this.lookedAt = performance.now();
    const directories = findRuns(this.folders);
    for (const directory of directories) {
      if (this.ids.has(directory)) continue;
      this.ids.set(directory, this.ids.size);
      // A module that is gone costs its method's titles, not the curves.
      await this.prepare(directory).catch(() => {});
    }
    const before = this.entries;
    const version = this.version + 1;
    this.entries = new Map(
      directories.map((directory) => {
        const now = signature(directory);
        const known = before.get(directory);
        if (known?.signature === now) return [directory, known];
        return [directory, { id: this.ids.get(directory)!, signature: now, version, ...readWatched(directory) }];
      }),
    );
    const isSame = this.entries.size === before.size && [...this.entries.values()].every((e) => e.version < version);
    if (!isSame) this.version = version;
  }
}

/** Those at work come first. */
function rank({ facts }: Entry): number {
  return ['running', 'waiting', 'stopped', 'done', 'unreadable'].indexOf(facts.state);
}
