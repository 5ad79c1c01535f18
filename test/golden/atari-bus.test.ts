import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AtariBatch } from '../../src/native/atari-batch.js';
import { assemble } from '../support/assembler.js';

const [CLC, SEC] = [0x18, 0x38];
const COUNT = 0x1f;

/**
 * Runs from the TIA's addresses from $2900 on, where a fetch gives the low six bits of what is on the data bus: of the jump's
 * last byte, $29, "AND #$29" without end. What a frame's end leaves there is the next instruction; SEC is counted in $9F.
 * RAM holds a jump to the counter, then `others`, and `last` in its last byte.
 */
function program(others: number, last: number): Uint8Array {
  const bytes = (value: number, count: number) => Array(count).fill(value).join(', ');
  return assemble(`
  .org $F000
          sei
          cld
          ldx #$FF
          txs
          lda #0
          ldx #$2C
  clear:  sta $00,x
          dex
          bpl clear
          ldx #$7F
  copy:   lda ram,x
          sta $80,x
          dex
          bpl copy
          ldx #0
          clc
          jmp $2900
  ram:    .byte $4C, <count, >count
          .byte ${bytes(others, 62)}
          .byte ${bytes(others, 62)}
          .byte ${last}
  count:  bcc none
          inx
  none:   clc
          stx $9F
          jmp $2900
  .org $FFFC
          .word $F000, $F000`);
}

// In ale-py 0.12.1 this program, by the rules of these games, counts 9 to 12 of twelve acts where the last byte of RAM is SEC
// and all others CLC (the other frames end while it is not on the TIA's addresses), and none the other way round.
const games =
  'adventure amidar assault atlantis2 boxing donkey_kong earthworld elevator_action enduro fishing_derby journey_escape ' +
  'keystone_kapers koolaid krull kung_fu_master laser_gates miniature_golf montezuma_revenge phoenix pitfall qbert robotank ' +
  'skiing trondead';

function counted(game: string, others: number, last: number): number {
  const batch = new AtariBatch({ game, rom: program(others, last), repeatActionProbability: 0, outputs: ['ram'] });
  batch.reset({ seeds: [1] });
  const before = batch.ram![COUNT];
  for (let act = 0; act < 12; act++) batch.step([0]);
  const after = batch.ram![COUNT];
  batch.close();
  return after - before;
}

test('between acts the last byte of RAM is on the data bus, by the rules of any game', () => {
  for (const game of games.split(' ')) {
    const found = counted(game, CLC, SEC);
    assert.ok(found >= 9 && found <= 12, `${game}: ${found}`);
    assert.equal(counted(game, SEC, CLC), 0, game);
  }
});
