import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeTheory } from '../../paper/figures/theory.js';
import { CLAIMS, checkTheory } from '../../paper/theory/check-theory.js';
import { parseCsv } from '../../src/report/csv.js';

test('the theory table is written as JSON, CSV and Markdown with a line a claim', async () => {
  const out = mkdtempSync(join(tmpdir(), 'trellis-theory-'));
  try {
    const verdicts = checkTheory({ garnets: 3 });
    const [json, csv, markdown] = (await writeTheory(verdicts, out)).map((file) => readFileSync(file, 'utf8'));
    assert.deepEqual(JSON.parse(json!), verdicts);
    const table = parseCsv(csv!);
    assert.equal(table.rows.length, CLAIMS.length);
    assert.equal(markdown!.match(/^\| (?!claim|---)/gm)?.length, CLAIMS.length);
    assert.match(markdown!, /Theorem 1, corrected .* holds \|/);
    assert.match(markdown!, /Theorem 1 \|.* fails as printed \|/);
  } finally {
    rmSync(out, { recursive: true });
  }
});
