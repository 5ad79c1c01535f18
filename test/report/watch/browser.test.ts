/** The watch page and the report as a browser shows them, on a wide and a narrow screen. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { formatCsv } from '../../../src/report/csv.js';
import { writeReport } from '../../../src/report/page.js';
import { readRun } from '../../../src/report/run.js';
import { watch } from '../../../src/report/watch/server.js';
import { EVALUATION_COLUMNS } from '../../../src/train/evaluations.js';
import { takeLock } from '../../../src/train/lock.js';
import { Browser, type Tab, withoutBrowser } from '../../support/browser.js';
import { writeSyntheticRun } from '../synthetic-run.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-browser-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

const WIDE = [1400, 900] as const;
const NARROW = [375, 800] as const;

/** Selects the panel with a title. */
const panel = (title: string) =>
  `[...document.querySelectorAll('.panel')].find((p) => p.textContent.startsWith(${JSON.stringify(title)}))`;

/** Points at a share of a panel's width, and gives what the tip says. */
function pointAt(tab: Tab, title: string, share: number): Promise<string> {
  return tab.evaluate(`(() => {
    const plot = ${panel(title)}.querySelector('.plot');
    const box = plot.getBoundingClientRect();
    plot.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + ${share} * box.width, clientY: box.top + 50 }));
    return plot.parentElement.querySelector('.tip').innerText;
  })()`);
}

/** Nothing reaches beyond the screen, and curves use its width. */
async function fits(tab: Tab, width: number): Promise<void> {
  const [page, plot, svg] = await tab.evaluate<number[]>(`[document.documentElement.scrollWidth,
    document.querySelector('.plot').clientWidth, document.querySelector('.plot svg').clientWidth]`);
  assert.ok(page! <= width, `the page is ${page} wide on a screen of ${width}`);
  assert.ok(plot! > 0.78 * width && svg === plot, `${plot}, ${svg} of ${width}`);
}

describe('in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  before(() => {
    browser = new Browser();
  });
  after(() => browser.close());

  test('50 runs of 200 rows are in the first paint, which asks for nothing else', async (t) => {
    const folder = join(root, 'many');
    const methods = ['single-path', 'vine', 'natural-gradient', 'cem', 'rwr'];
    for (let k = 0; k < 50; k++) {
      writeSyntheticRun(folder, { method: methods[k % 5], seed: k, iterations: 200, planned: 200 });
    }
    const server = await watch({ folders: [folder], port: 0 });
    const times: number[] = [];
    for (const [width, height] of [WIDE, NARROW, WIDE, NARROW, WIDE]) {
      const tab = await browser.open(width, height);
      await tab.visit(server.url);
      await tab.until(`performance.getEntriesByName('first-contentful-paint').length`);
      const [paint, runs, lines, asked] = await tab.evaluate<number[]>(`[
        performance.getEntriesByName('first-contentful-paint')[0].startTime,
        document.querySelectorAll('#runs details').length,
        document.querySelectorAll('.plot path.run').length,
        performance.getEntriesByType('resource').filter(({ responseEnd }) =>
          responseEnd < performance.getEntriesByName('first-contentful-paint')[0].startTime).length]`);
      times.push(Math.round(paint!));
      assert.deepEqual([runs, lines, asked], [50, 5 * 50, 0]);
      await fits(tab, width);
      assert.deepEqual(tab.complaints, []);
      await tab.close();
    }
    t.diagnostic(`first paint after ${times.join(', ')} ms`);
    await server.close();
  });

  for (const [width, height] of [WIDE, NARROW]) {
    test(`the page lives: runs begin, go on and end, ${width} pixels wide`, async () => {
      const folder = join(root, `live${width}`);
      const run = { experiment: 'hopper', seed: 1, planned: 40 };
      const directory = writeSyntheticRun(folder, { ...run, iterations: 10 });
      const lock = takeLock(join(directory, 'lock'));
      const server = await watch({ folders: [folder], port: 0 });
      const tab = await browser.open(width, height);
      await tab.visit(server.url);
      const list = () => tab.evaluate<string>(`document.querySelector('#runs').innerText`);
      assert.match(await list(), /running, iteration 10\/40/);
      assert.match(await list(), /100,000 steps\/s/);
      assert.match(await list(), /15 s left/);
      assert.match(await pointAt(tab, 'Return per episode', 0.99), /^iteration 10\n/);

      writeSyntheticRun(folder, { ...run, iterations: 25 });
      const figures = [9, 500_000, 10, 123.5, 4.5, 900, -0.12345];
      writeFileSync(join(directory, 'evaluations.csv'), formatCsv(EVALUATION_COLUMNS, [figures]));
      writeSyntheticRun(folder, { ...run, seed: 2, iterations: 15 });
      writeFileSync(join(folder, 'hopper-single-path-seed2', 'replay.html'), '<script>document.write(6 * 7)</script>');
      await tab.until(`document.querySelectorAll('#runs details').length === 2`);
      await tab.until(`document.querySelector('#runs').innerText.includes('running, iteration 25/40')`);
      assert.match(await list(), /evaluation 123\.5 ± 4\.5/);
      assert.match(await tab.evaluate(`${panel('Return in evaluation')}.innerText`), /hopper single-path/);

      // Of two seeds one got to the middle, both to the start: the mean is over those that got that far.
      const [one, two] = [1, 2].map((seed) => readRun(join(folder, `hopper-single-path-seed${seed}`)).progress);
      const near = (text: string, value: number) => {
        const shown = Number(/: (-?[\d.]+)/.exec(text)![1]);
        assert.ok(Math.abs(shown - value) <= 5e-4 * Math.abs(value), `${text} is not ${value}`);
      };
      const start = await pointAt(tab, 'Return per episode', 0);
      assert.match(start, /^iteration 1\n.*\(2 of 2 runs\)/);
      near(start, (one![0].mean_return + two![0].mean_return) / 2);
      const end = await pointAt(tab, 'Return per episode', 0.99);
      assert.match(end, /^iteration 25\n.*\(1 of 2 runs\)/);
      near(end, one![24].mean_return);
      assert.equal(await tab.evaluate(`${panel('Return per episode')}.querySelectorAll('.band, .mean').length`), 2);

      await tab.evaluate(
        `[...document.querySelectorAll('#runs summary')].find((s) => s.innerText.includes('seed2')).click()`,
      );
      await tab.until(`document.querySelector('.settings')?.innerText.includes('"seed": 2')`);
      await tab.until(`document.querySelector('iframe.replay')?.clientWidth > 200`);
      await fits(tab, width);

      lock.release();
      await tab.until(`document.querySelector('#state').innerText === '2 interrupted'`);
      rmSync(join(folder, 'hopper-single-path-seed2'), { recursive: true });
      await tab.until(`document.querySelectorAll('#runs details').length === 1`);
      assert.deepEqual(tab.complaints, []);

      await server.close();
      await tab.until(`document.querySelector('#state.lost')`);
      assert.match(await list(), /iteration 25\/40/);
      const again = await watch({ folders: [folder], port: server.port });
      await tab.until(`document.querySelector('#state').className === ''`);
      await again.close();
      await tab.close();
    });

    test(`the report has the same curves, from one file, ${width} pixels wide`, async () => {
      const folder = join(root, `report${width}`);
      const runs = [1, 2].map((seed) => writeSyntheticRun(folder, { seed, iterations: 10 + seed }));
      const { html } = await writeReport(runs, join(folder, 'report'));
      const tab = await browser.open(width, height);
      await tab.visit(pathToFileURL(html).href);
      assert.match(await pointAt(tab, 'Average cost per step', 0), /^iteration 1\n.*\(2 of 2 runs\)/);
      assert.match(await pointAt(tab, 'Average cost per step', 0.99), /^iteration 12\n.*\(1 of 2 runs\)/);
      assert.equal(await tab.evaluate(`document.querySelectorAll('.panel .legend').length`), 5);
      await fits(tab, width);
      assert.deepEqual(tab.requests, [pathToFileURL(html).href]);
      assert.deepEqual(tab.complaints, []);
      await tab.close();
    });
  }
});
