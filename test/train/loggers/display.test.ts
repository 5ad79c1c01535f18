import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { getAlgorithm } from '../../../src/algorithms/index.js';
import { formatDuration, makeDisplay, sparkline } from '../../../src/train/loggers/display.js';
import type { ProgressRow } from '../../../src/train/progress.js';

const { columns } = getAlgorithm('single-path');

test('durations', () => {
  assert.deepEqual([0.2, 59, 75, 3600, 7322].map(formatDuration), [
    '1 s',
    '59 s',
    '1 min 15 s',
    '1 h 0 min',
    '2 h 2 min',
  ]);
});

test('sparklines rise with the values, average long ones and survive equal ones', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), '▁▂▃▄▅▆▇█');
  assert.equal(sparkline([7, 0]), '█▁');
  assert.equal(sparkline(Array.from({ length: 600 }, (_, i) => i)).length, 60);
  assert.equal(sparkline([5, 5]), '▁▁');
  assert.equal(sparkline([]), '');
});

function stream(isTTY: boolean) {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(sink, { isTTY, columns: 40 }) as unknown as NodeJS.WriteStream, text: () => text };
}

const row = (iteration: number) =>
  ({ ...Object.fromEntries(columns.map(({ name }) => [name, 0.5])), iteration }) as ProgressRow;

test('not a terminal: one line per iteration, no control characters', () => {
  const { stream: out, text } = stream(false);
  const display = makeDisplay(out);
  display.begin('title', 3, 5, columns);
  display.progress(0.5, 'sampling');
  display.iteration(row(3));
  display.iteration(row(4));
  display.end();
  const lines = text().trimEnd().split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[1], /^4\/5 .* left$/);
  assert.match(lines[2], /^5\/5 /);
  assert.ok(!text().includes('\r') && !text().includes('\x1b'));
});

test('a terminal: the live line fits its width, and the last iteration stays', () => {
  const { stream: out, text } = stream(true);
  const display = makeDisplay(out);
  display.begin('title', 0, 2, columns);
  display.iteration(row(0));
  display.progress(0.5, 'sampling');
  display.iteration(row(1));
  for (const piece of text().split('\r\x1b[K')) {
    if (!piece.endsWith('\n')) assert.ok(piece.length < 40, piece);
  }
  assert.ok(text().split('\r\x1b[K').at(-1)!.startsWith('2/2 '));
  assert.ok(text().endsWith('\n'));
});
