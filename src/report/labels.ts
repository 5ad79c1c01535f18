import type { Run } from './run.js';

/** A run with the name that its curve goes by. */
export interface LabelledRun extends Run {
  readonly label: string;
}

/** What makes no other kind of run. */
const OF_ONE_RUN = ['formatVersion', 'experiment', 'track', 'method', 'seed', 'iterations', 'platform'];

/**
 * Labels runs by experiment and method and, where runs of one method differ in more than seed and iterations, by the
 * settings that tell them apart: runs of one label may be averaged.
 */
export function labelRuns(runs: readonly Run[]): LabelledRun[] {
  const all = runs.map((run) => ({ run, title: `${run.experiment} ${run.method}`, settings: settingsOf(run) }));
  return all.map(({ run, title, settings }) => {
    const alike = all.filter((other) => other.title === title).map((other) => other.settings);
    const keys = [...new Set(alike.flatMap((others) => [...others.keys()]))];
    const telling = keys.filter((key) => alike.some((others) => others.get(key) !== settings.get(key)));
    const shown = telling.filter((key) => settings.has(key)).map((key) => `${key}=${settings.get(key)}`);
    return { ...run, label: [title, ...shown].join(' ') };
  });
}

/** Every setting of config.json by the path that --set knows it by. */
function settingsOf({ config }: Run): Map<string, string> {
  const settings = new Map<string, string>();
  const visit = (value: unknown, path: readonly string[]) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key]);
    } else {
      settings.set(path.join('.'), typeof value === 'string' ? value : JSON.stringify(value));
    }
  };
  for (const [key, value] of Object.entries(config)) {
    if (OF_ONE_RUN.includes(key)) continue;
    if (key === 'options') visit(value, []);
    else if (key === 'environment') visit((value as { settings?: unknown } | null)?.settings ?? {}, [key]);
    else visit(value, [key]);
  }
  return settings;
}
