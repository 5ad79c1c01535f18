/**
 * The script of the watch page: keeps the list of runs and the curves as the server tells, starting from `first` (an
 * Update of watched-folders.ts). It asks again and again, so that nothing is lost where the server or the network was
 * away for a while; a page that nobody sees does not ask.
 */
export const WATCH = `
const EVERY_MS = 1000;
const PATIENCE_MS = 4000;
const list = document.querySelector('#runs');
const charts = document.querySelector('#charts');
const stateLine = document.querySelector('#state');
const known = new Map();
const rows = new Map();
let session = '';
let version = -1;

function makeRow(id) {
  const root = make('details');
  const summary = make('summary');
  const cells = {};
  for (const name of ['name', 'progress', 'return', 'evaluation', 'speed', 'left']) summary.append((cells[name] = make('span', name)));
  const bar = make('span', 'bar');
  cells.status = make('span', 'status');
  cells.fill = make('span');
  bar.append(cells.fill);
  cells.progress.append(cells.status, bar);
  const more = make('div', 'more');
  root.append(summary, more);
  const row = { root, cells, more, shown: '' };
  root.addEventListener('toggle', () => showMore(id, row));
  return row;
}

/** Settings and replay, asked for when a run is opened and where they are new. */
async function showMore(id, row) {
  const { facts } = known.get(id) ?? {};
  if (!row.root.open || facts === undefined) return;
  const key = [facts.state, facts.planned, facts.replay?.file, facts.replay?.time].join(' ');
  if (row.shown === key) return;
  row.shown = key;
  try {
    const { directory, config, final } = await (await fetch('/runs/' + id)).json();
    const parts = [make('p', '', directory + ' · ' + facts.simulatorSteps.toLocaleString('en-US') + ' simulator steps')];
    if (facts.replay) parts.push(replayOf(id, facts.replay));
    parts.push(make('pre', 'settings', JSON.stringify(config, null, 2)));
    if (final) parts.push(make('pre', 'final', JSON.stringify(final, null, 2)));
    row.more.replaceChildren(...parts);
  } catch {
    row.shown = '';
  }
}

function replayOf(id, { file, time }) {
  const kind = file.endsWith('.html') ? 'iframe' : file.endsWith('.mp4') ? 'video' : 'img';
  const element = make(kind, 'replay');
  if (kind === 'iframe') element.sandbox = 'allow-scripts';
  if (kind === 'video') Object.assign(element, { controls: true, loop: true });
  if (kind !== 'video') element[kind === 'img' ? 'alt' : 'title'] = 'replay';
  element.src = '/runs/' + id + '/' + encodeURIComponent(file) + '?' + time;
  return element;
}

function drawRow(id, label) {
  const { facts } = known.get(id);
  const row = rows.get(id) ?? makeRow(id);
  rows.set(id, row);
  const { cells, root } = row;
  root.className = facts.state;
  cells.name.textContent = facts.name;
  cells.name.title = label;
  const of = facts.planned === null ? '' : '/' + facts.planned;
  const count = facts.state === 'unreadable' || facts.status === 'begins' ? '' : ', iteration ' + facts.iterations + of;
  cells.status.textContent = (facts.status.startsWith('partial') ? 'interrupted' : facts.status) + count;
  cells.fill.style.width = 100 * Math.min(1, facts.iterations / (facts.planned ?? Infinity)) + '%';
  cells.return.textContent = facts.lastReturn === null ? '' : 'return ' + figure(facts.lastReturn);
  const { evaluation } = facts;
  cells.evaluation.textContent = evaluation === null ? '' : 'evaluation ' + figure(evaluation.mean) + ' ± ' + figure(evaluation.std);
  cells.speed.textContent = facts.speed === null ? '' : figure(facts.speed) + ' steps/s';
  cells.left.textContent = facts.left === null ? '' : facts.left + ' left';
  showMore(id, row);
  return root;
}

/** Takes an update in and draws what there is. */
function take(update) {
  if (update.session !== session) known.clear();
  ({ session, version } = update);
  for (const run of update.runs) known.set(run.id, run);
  const ids = new Set(update.order.map(({ id }) => id));
  for (const id of [...known.keys()]) if (!ids.has(id)) known.delete(id);
  const elements = update.order.map(({ id, label }) => drawRow(id, label));
  const isSame = elements.length === list.children.length && elements.every((child, i) => child === list.children[i]);
  if (!isSame) list.replaceChildren(...elements);
  list.hidden = elements.length === 0;
  // In the order that runs were found, so that a colour stays whose it is.
  const plotted = update.order.map(({ id, label }) => ({ ...known.get(id), label })).sort((a, b) => a.id - b.id);
  drawCharts(charts, update.quantities, plotted);
  const counts = {};
  for (const { facts } of known.values()) counts[facts.state] = (counts[facts.state] ?? 0) + 1;
  const words = { waiting: 'interrupted' };
  say(Object.entries(counts).map(([state, count]) => count + ' ' + (words[state] ?? state)).join(', ') || 'no runs yet (' + LIST + ' names what can be trained)');
}

function say(text, lost = false) {
  if (stateLine.textContent !== text) stateLine.textContent = text;
  stateLine.className = lost ? 'lost' : '';
}

async function ask() {
  let wait = EVERY_MS;
  if (!document.hidden) {
    try {
      const reply = await fetch('/update?session=' + session + '&since=' + version, { signal: AbortSignal.timeout(10000) });
      if (reply.status === 200) take(await reply.json());
      else if (stateLine.className === 'lost') version = -1;
      if (!reply.ok) throw new Error(reply.statusText);
    } catch {
      say('trellis watch does not answer: what is shown was last heard of it; trying again', true);
      wait = PATIENCE_MS;
    }
  }
  setTimeout(ask, wait);
}

take(first);
setTimeout(ask, EVERY_MS);
`;
