import { commandText } from '../../base/command-text.js';
import { CHART_STYLE, CHARTS } from '../chart-script.js';
import { escapeHtml } from '../format.js';
import { scriptJson } from '../plot-data.js';
import { WATCH } from './page-script.js';
import type { Update } from './watched-folders.js';

/** The page with what is known now in it, so that it shows everything at once. @param nonce that its script may run by */
export function watchPage(first: Update, folders: readonly string[], nonce: string): string {
  const where = escapeHtml(folders.join(', '));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${where} – trellis watch</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 0 auto; max-width: 1500px; padding: 0.6rem 1rem 2rem; color: #222; }
h1 { font-size: 1.15rem; margin: 0.3rem 0; overflow-wrap: anywhere; } #state { color: #555; margin: 0 0 0.6rem; } #state.lost { color: #b00020; font-weight: bold; }
#runs { border: 1px solid #ddd; border-radius: 6px; max-height: 42vh; overflow: auto; margin-bottom: 1.2rem; }
#runs:has(details[open]) { max-height: 80vh; }
#runs details { border-bottom: 1px solid #eee; } #runs details:last-child { border: 0; } #runs details[open] > summary { background: #f6f6f6; }
summary { display: grid; grid-template-columns: minmax(180px, 3fr) minmax(120px, 1.6fr) 1fr 1.5fr 1.1fr 1.1fr; gap: 2px 14px; padding: 5px 10px; cursor: pointer; font-size: 13px; align-items: center; }
summary > * { overflow-wrap: anywhere; min-width: 0; } .name { font-weight: 600; }
.bar { display: block; height: 4px; background: #e4e4e4; border-radius: 2px; } .bar > * { display: block; height: 100%; border-radius: 2px; background: #8a8a8a; }
.running .bar > * { background: #0072b2; } .done .bar > * { background: #009e73; } .unreadable .status { color: #b00020; }
.more { padding: 4px 12px 12px; } pre { background: #f6f6f6; padding: 0.7rem; overflow: auto; font-size: 12px; max-height: 50vh; }
iframe { width: 100%; height: 520px; border: 1px solid #ddd; } .more img, video { max-width: 100%; }
@media (max-width: 700px) {
  body { padding: 0.4rem 0.6rem 1.5rem; } summary { grid-template-columns: 1fr 1fr; } summary > :empty { display: none; }
  .name, .progress { grid-column: 1 / -1; } iframe { height: 420px; }
}
${CHART_STYLE}</style></head><body>
<h1>${where}</h1>
<p id="state" role="status"></p>
<div id="runs"></div>
<div id="charts"></div>
<script nonce="${nonce}">
${CHARTS}
const first = ${scriptJson(first)};
const LIST = ${scriptJson(commandText(['list']))};
${WATCH}
</script>
</body></html>
`;
}
