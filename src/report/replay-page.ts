import { deflateSync } from 'fflate';
import { escapeHtml } from './format.js';
import type { PixelRecording, Recording, ShapeRecording } from './recording.js';
import { VIEWER } from './replay-viewer.js';

/** One HTML page that plays a recording: no other files, no network. */
export function replayPage(recording: Recording): string {
  const replay = recording.kind === 'shapes' ? shapeData(recording) : pixelData(recording);
  const title = escapeHtml(recording.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem auto; max-width: 1000px; padding: 0 1rem; color: #222; }
canvas { display: block; width: 100%; height: min(62vh, 600px); border: 1px solid #ccc; border-radius: 4px; margin: 0 auto; }
#controls { display: flex; gap: 0.8rem; align-items: center; margin: 0.7rem 0; flex-wrap: wrap; }
#time { flex: 1; min-width: 200px; } #label { min-width: 17rem; font-variant-numeric: tabular-nums; }
button, select { font: inherit; padding: 0.15rem 0.7rem; }
</style></head><body>
<h1 style="font-size: 1.2rem">${title}</h1>
<canvas aria-label="replay"></canvas>
<div id="controls">
<button id="play" type="button">Pause</button>
<input id="time" type="range" min="0" value="0" aria-label="time">
<select id="speed" aria-label="speed">
${[0.1, 0.25, 0.5, 1, 2, 4].map((x) => `<option value="${x}"${x === 1 ? ' selected' : ''}>${x}×</option>`).join('')}
</select>
<span id="label"></span>
</div>
<p><small>Space: play or pause. Arrow keys: one step.</small></p>
<script>
const replay = ${JSON.stringify(replay).replaceAll('<', '\\u003c')};
${VIEWER}
</script>
</body></html>
`;
}

function shapeData(recording: ShapeRecording): object {
  const { poses, focus, score, episode } = recording;
  return { ...recording, title: '', ...encoded({ poses, focus, score, episode }) };
}

/** Frames as differences from the one before (mostly zero), deflated: a few hundred bytes each. */
function pixelData(recording: PixelRecording): object {
  const { frames, palette, score, episode } = recording;
  const size = recording.width * recording.height;
  const changes = new Uint8Array(frames.length * size);
  frames.forEach((frame, f) => {
    const before = frames[f - 1];
    for (let i = 0; i < size; i++) changes[f * size + i] = frame[i] ^ (before === undefined ? 0 : before[i]);
  });
  const data = { frames: deflateSync(changes, { level: 9 }), score, episode };
  return { ...recording, title: '', palette: [...palette], ...encoded(data) };
}

function encoded(arrays: Record<string, ArrayBufferView>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { buffer, byteOffset, byteLength }]) => [
      name,
      Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64'),
    ]),
  );
}
