import { escapeHtml } from '../report/format.js';
import type { PageData } from './page/contract.js';

const STYLE = `
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 15px/1.4 system-ui, sans-serif; color: #222; background: #f6f5f1; }
h1 { font-size: 1.1rem; font-weight: 600; }
canvas { display: block; width: 100%; height: 26rem; background: #e9eef2; border-radius: 6px; touch-action: none; cursor: grab; }
#status { min-height: 1.4em; font-variant-numeric: tabular-nums; }
small { color: #666; }`;

/**
 * The page: what is seen first, then the program, which draws the start pose at once, then MuJoCo.
 * @param wasm deflated, base64
 */
export function pageHtml(data: PageData, program: string, wasm: string): string {
  // Neither text may end its element.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  const script = program.replaceAll(/<\/(?=script)/gi, '<\\/');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(data.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(data.title)}</h1>
<canvas id="view"></canvas>
<p id="status"></p>
<small>The policy acts ${(1 / data.environment.secondsPerStep).toFixed(0)} times a second; MuJoCo's WebAssembly build simulates.</small>
<script type="application/json" id="data">${json}</script>
<script>${script}</script>
<script type="text/plain" id="wasm">${wasm}</script>
</body>
</html>
`;
}
