import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCsv, parseCsv } from '../../src/report/csv.js';

test('texts that a spreadsheet would run are made texts; numbers and ranges stay as they are', () => {
  const formulas = ['=1+1', '+cmd|calc!A1', '@SUM(A1)', '-2+3+cmd|x', '\t=1', '=HYPERLINK("http:x","y")'];
  const plain = ['-2.98 … -2.1', '+5', '-1e-9', 'pong-vine-seed1', '', 'a=b'];
  const { rows } = parseCsv(
    formatCsv(
      ['text', 'number'],
      [...formulas, ...plain].map((text) => [text, -1.5]),
    ),
  );
  assert.deepEqual(
    rows.map(([text]) => text),
    [...formulas.map((text) => `'${text}`), ...plain],
  );
  assert.ok(rows.every(([, number]) => number === '-1.5'));
});
