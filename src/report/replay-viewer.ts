/**
 * The script of a replay page: plays `replay` (see replay-page.ts) on a canvas with play, pause, scrub and speed. Plain
 * browser JavaScript without dependencies, since the page must open from a single file.
 */
export const VIEWER = `
const canvas = document.querySelector('canvas');
const paint = canvas.getContext('2d');
const slider = document.querySelector('#time');
const button = document.querySelector('#play');
const speed = document.querySelector('#speed');
const label = document.querySelector('#label');
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const floats = (text) => new Float32Array(bytes(text).buffer);
const score = floats(replay.score);
const episode = new Int32Array(bytes(replay.episode).buffer);
const last = score.length - 1;
let at = 0;
let playing = true;
let before = 0;

function shapesPainter() {
  const poses = floats(replay.poses);
  const focus = floats(replay.focus);
  const starts = [0];
  for (const shape of replay.shapes) starts.push(starts.at(-1) + (shape.kind === 'bar' ? 4 : 2 * shape.points));
  const size = starts.at(-1);
  const unit = 10 ** Math.round(Math.log10((replay.view[1] - replay.view[0]) / 3));
  const turn = (p, a, b, c) => (p[2 * b] - p[2 * a]) * (p[2 * c + 1] - p[2 * a + 1]) -
    (p[2 * b + 1] - p[2 * a + 1]) * (p[2 * c] - p[2 * a]);
  const hull = (p) => {
    const order = Array.from({ length: p.length / 2 }, (_, i) => i);
    order.sort((a, b) => p[2 * a] - p[2 * b] || p[2 * a + 1] - p[2 * b + 1]);
    const half = (list) => {
      const chain = [];
      for (const i of list) {
        while (chain.length > 1 && turn(p, chain.at(-2), chain.at(-1), i) <= 0) chain.pop();
        chain.push(i);
      }
      return chain.slice(0, -1);
    };
    return [...half(order), ...half(order.slice().reverse())];
  };
  const polygon = (p, corners, fill, edge, width) => {
    paint.beginPath();
    corners.forEach((i, k) => { if (k === 0) paint.moveTo(p[2 * i], p[2 * i + 1]); else paint.lineTo(p[2 * i], p[2 * i + 1]); });
    paint.closePath();
    paint.fillStyle = fill;
    paint.fill();
    paint.strokeStyle = edge;
    paint.lineWidth = width;
    paint.lineJoin = 'round';
    paint.stroke();
  };
  const css = (c, f) => 'rgb(' + c.map((v) => Math.round(v * f)).join(',') + ')';
  const line = (x0, y0, x1, y1) => { paint.beginPath(); paint.moveTo(x0, y0); paint.lineTo(x1, y1); paint.stroke(); };
  return () => {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    const { width, height } = canvas;
    const frame = Math.min(last, Math.floor(at));
    const next = Math.min(last, frame + 1);
    const part = episode[next] === episode[frame] ? at - frame : 0;
    const mix = (array, i, j) => (1 - part) * array[i] + part * array[j];
    const scale = height / (replay.view[1] - replay.view[0]);
    const eye = mix(focus, frame, next);
    const toX = (x) => width / 2 + (x - eye) * scale;
    const toY = (y) => height - (y - replay.view[0]) * scale;
    const reach = width / 2 / scale;
    paint.fillStyle = '#f6f8fa';
    paint.fillRect(0, 0, width, height);
    paint.strokeStyle = '#dce1e6';
    const step = unit / 2;
    for (let i = Math.ceil((eye - reach) / step); i * step <= eye + reach; i++) {
      paint.lineWidth = i % 2 === 0 ? 2 : 1;
      line(toX(i * step), 0, toX(i * step), height);
    }
    for (let i = Math.ceil(replay.view[0] / step); i * step <= replay.view[1]; i++) {
      paint.lineWidth = i % 2 === 0 ? 2 : 1;
      line(0, toY(i * step), width, toY(i * step));
    }
    const base = replay.ground === null ? height - 22 * ratio : toY(replay.ground);
    if (replay.ground !== null) {
      paint.fillStyle = '#cdd0c8';
      paint.fillRect(0, base, width, height);
    }
    paint.fillStyle = '#5a5f64';
    paint.font = 12 * ratio + 'px system-ui, sans-serif';
    for (let i = Math.ceil((eye - reach) / unit); i * unit <= eye + reach; i++) {
      paint.fillRect(toX(i * unit) - 1, base, 2, 8 * ratio);
      paint.fillText(Number((i * unit).toPrecision(12)) + ' m', toX(i * unit) + 5, base + 16 * ratio);
    }
    replay.shapes.forEach((shape, s) => {
      const p = [];
      for (let i = starts[s]; i < starts[s + 1]; i++) {
        const value = mix(poses, frame * size + i, next * size + i);
        p.push(i % 2 === 0 ? toX(value) : toY(value));
      }
      if (shape.kind === 'hull') {
        polygon(p, hull(p), css(shape.color, 1), css(shape.color, 0.45), 1.2 * ratio);
        return;
      }
      if (shape.kind === 'surface') {
        for (let face = 0; 3 * face < shape.faces.length; face++) {
          const corners = shape.faces.slice(3 * face, 3 * face + 3);
          const fill = css(shape.color, shape.shades ? shape.shades[face] : turn(p, ...corners) <= 0 ? 1 : 0.75);
          polygon(p, corners, fill, fill, 0.8 * ratio);
        }
        return;
      }
      paint.lineCap = shape.cap === 'round' ? 'round' : 'butt';
      const nudge = p[0] === p[2] && p[1] === p[3] ? 1e-3 : 0;
      for (const [grow, shade] of [[2.4, 0.45], [-1.2, 1]]) {
        paint.strokeStyle = css(shape.color, shade);
        paint.lineWidth = Math.max(2, 2 * shape.radius * scale + grow * ratio);
        line(p[0], p[1], p[2] + nudge, p[3]);
      }
    });
  };
}

async function pixelsPainter() {
  const stream = new Blob([bytes(replay.frames)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = replay.width * replay.height;
  for (let i = size; i < all.length; i++) all[i] ^= all[i - size];
  canvas.width = replay.width;
  canvas.height = replay.height;
  canvas.style.aspectRatio = replay.width * replay.pixelAspect + ' / ' + replay.height;
  canvas.style.width = 'auto';
  canvas.style.imageRendering = 'pixelated';
  const image = paint.createImageData(replay.width, replay.height);
  return () => {
    const from = Math.min(last, Math.floor(at)) * size;
    for (let i = 0; i < size; i++) {
      const rgb = replay.palette[all[from + i]];
      image.data.set([(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255, 255], 4 * i);
    }
    paint.putImageData(image, 0, 0);
  };
}

function step(now, draw) {
  const elapsed = Math.min(0.1, (now - before) / 1000);
  before = now;
  if (playing) at += (elapsed * Number(speed.value)) / replay.secondsPerFrame;
  if (at > last) at = 0;
  const frame = Math.floor(at);
  slider.value = frame;
  label.textContent = (at * replay.secondsPerFrame).toFixed(2) + ' s · episode ' + (episode[frame] + 1) +
    ' · return ' + score[frame].toFixed(1);
  draw();
  requestAnimationFrame((time) => step(time, draw));
}

function toggle() {
  playing = !playing;
  button.textContent = playing ? 'Pause' : 'Play';
}

slider.max = last;
slider.addEventListener('input', () => { if (playing) toggle(); at = Number(slider.value); });
button.addEventListener('click', toggle);
document.addEventListener('keydown', (event) => {
  if (event.key === ' ') { event.preventDefault(); toggle(); }
  const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (move) { event.preventDefault(); if (playing) toggle(); at = Math.max(0, Math.min(last, Math.floor(at) + move)); }
});
Promise.resolve(replay.kind === 'shapes' ? shapesPainter() : pixelsPainter())
  .then((draw) => requestAnimationFrame((time) => { before = time; step(time, draw); }));
`;
