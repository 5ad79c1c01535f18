import { type EnvFactory, writeAllAtomic } from '../../src/index.js';
import {
  pieces,
  poseOffsets,
  randomActor,
  recordShapes,
  type ShapeRecording,
  svgToPng,
} from '../../src/report/index.js';

const SIDE = 300;

/**
 * Figure 2: the robots, each as it stands at the start of an episode.
 * @param robots environments on MuJoCo models, by the title of their picture
 * @returns the paths of figure2.svg and figure2.png
 */
export async function writeFigure2(robots: Readonly<Record<string, EnvFactory>>, out: string): Promise<string[]> {
  const pictures: string[] = [];
  for (const [title, env] of Object.entries(robots)) {
    const recording = await recordShapes(env, randomActor(env, 0), {
      title,
      seconds: env.spec.secondsPerStep,
      seed: 0,
    });
    pictures.push(picture(recording, pictures.length));
  }
  const width = (SIDE + 10) * pictures.length - 10;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${SIDE + 28}" viewBox="0 0 ${width} ${SIDE + 28}">
<rect width="100%" height="100%" fill="white"/>
${pictures.join('\n')}
</svg>
`;
  return writeAllAtomic(out, { 'figure2.svg': svg, 'figure2.png': await svgToPng(svg) });
}

/** The first frame of a recording as a square picture with its title below. */
function picture({ title, shapes, poses, focus, ground, view }: ShapeRecording, index: number): string {
  const reach = ground === null ? 3.6 : view[1] - view[0];
  const low = ground === null ? -reach / 2 : view[0];
  const scale = SIDE / reach;
  const toX = (x: number) => (SIDE / 2 + (x - focus[0]) * scale).toFixed(2);
  const toY = (y: number) => (SIDE - (y - low) * scale).toFixed(2);
  const css = (color: readonly number[], shade: number) => `rgb(${color.map((c) => Math.round(c * shade)).join(',')})`;
  const drawn = [...pieces(shapes, poses.subarray(0, poseOffsets(shapes).at(-1)))].flatMap((piece) => {
    if (piece.kind === 'polygon') {
      const points = piece.corners.map((value, i) => (i % 2 === 0 ? toX(value) : toY(value))).join(' ');
      const edge = css(piece.color, piece.edge ? 0.45 : 1);
      return [`<polygon points="${points}" fill="${css(piece.color, 1)}" stroke="${edge}" stroke-linejoin="round"/>`];
    }
    const { radius, cap, color } = piece.shape;
    const [x0, y0, x1, y1] = piece.ends;
    const ends = `x1="${toX(x0!)}" y1="${toY(y0!)}" x2="${toX(x1!)}" y2="${toY(y1!)}"`;
    const end = cap === 'round' ? 'round' : 'butt';
    return [
      [1, 0.45],
      [-1.5, 1],
    ].map(([grow, shade]) => {
      const width = Math.max(1, 2 * radius * scale + grow!).toFixed(2);
      return `<line ${ends} stroke="${css(color, shade!)}" stroke-width="${width}" stroke-linecap="${end}"/>`;
    });
  });
  const top = ground === null ? SIDE : Number(toY(ground));
  const floor = ground === null ? '' : `<rect y="${top}" width="${SIDE}" height="${SIDE - top}" fill="#cdd0c8"/>`;
  return `<g transform="translate(${index * (SIDE + 10)} 0)">
<rect width="${SIDE}" height="${SIDE}" fill="#f6f8fa"/>${floor}
${drawn.join('\n')}
<text x="${SIDE / 2}" y="${SIDE + 20}" text-anchor="middle" font-family="sans-serif" font-size="15">${title}</text>
</g>`;
}
