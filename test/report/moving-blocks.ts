import type { GameFrame } from '../../src/report/record-game.js';

/** Columns of the blocks' colours, 0xRRGGBB. */
export const BLOCK_COLORS = [0x000000, 0xec7020, 0x50d050, 0x9050d0, 0xe0e0e0, 0x2040a0, 0xa02020, 0x908020] as const;

/** A film of 160 × 210 pixels: eight columns of colours that move one column to the right every ten frames. */
export function* movingBlocks(count: number): Generator<GameFrame> {
  const [width, height] = [160, 210];
  const screen = new Uint8Array(width * height);
  for (let frame = 0; frame < count; frame++) {
    for (let i = 0; i < screen.length; i++) screen[i] = blockIndex(Math.floor((i % width) / 20), frame);
    yield { screen, width, height, palette: Uint32Array.from(BLOCK_COLORS), score: frame, over: false };
  }
}

/** Which colour a column has at a frame. */
export function blockIndex(column: number, frame: number): number {
  return (column - Math.floor(frame / 10) + 80) % 8;
}
