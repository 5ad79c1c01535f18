import { writeAllAtomic } from '../../src/index.js';
import { formatCsv, markdownTable } from '../../src/report/index.js';
import type { Verdict } from '../theory/claim.js';

const COLUMNS = [
  'claim',
  'equation',
  'instances',
  'violations',
  'worst margin',
  'largest factor needed',
  'verdict',
] as const;

/** The table of `trellis reproduce theory` in Markdown: one line a claim. */
export function theoryTable(verdicts: readonly Verdict[]): string {
  return markdownTable(
    COLUMNS,
    verdicts.map((v) => [
      v.statement,
      v.equation,
      String(v.instances),
      String(v.violations),
      v.worstMargin.toExponential(1),
      v.largestNeeded === null ? '' : v.largestNeeded.toFixed(3),
      v.verdict,
    ]),
  );
}

/**
 * Writes theory.json, theory.csv and README.md (the table with its explanation) into a folder.
 * @returns the paths
 */
export function writeTheory(verdicts: readonly Verdict[], out: string): Promise<string[]> {
  const keys = Object.keys(verdicts[0]) as (keyof Verdict)[];
  return writeAllAtomic(out, {
    'theory.json': `${JSON.stringify(verdicts, null, 2)}\n`,
    'theory.csv': formatCsv(
      keys,
      verdicts.map((verdict) => keys.map((key) => verdict[key])),
    ),
    'README.md': page(verdicts),
  });
}

function page(verdicts: readonly Verdict[]): string {
  const failing = verdicts.filter(({ verdict }) => verdict !== 'holds');
  return `# The paper's theory, checked

Made by \`trellis reproduce theory\`. Every claim of sections 2-4 and appendices A and B is evaluated with exact linear
solves on random Garnet problems, grids and the six-state counterexample (costs, as in the paper).

- *worst margin*: the smallest (right side - left side) of an inequality, or minus the error of an identity, relative to
  the size of what is compared. Below -1e-12 it counts as a violation.
- *largest factor needed*: for a bound "L + k · something", the largest k that any instance needs.
- *fails as printed*: some instance violates the claim as the paper prints it; a line marked "corrected", "sharpened" or
  "general policies" states what holds in its place.

${verdicts.length - failing.length} of ${verdicts.length} lines hold; ${failing.length} fail: ${failing.map(({ equation }) => equation).join('; ')}.

${theoryTable(verdicts)}`;
}
