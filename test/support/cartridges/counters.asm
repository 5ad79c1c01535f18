; For tests of modes, lives and ends: mode byte $b2 (breakout's), lives $b9 (breakout's), over at $82 (homebrew's).
; SELECT adds 4 to the mode. $b8: frames until a life is lost (0: never). $83 counts frames; at $84 (0: never) it is over.
vsync = $00
wsync = $02
swchb = $0282

.org $f000
start:
  cld
  ldx #$ff
  txs
  lda #0
  sta $b2
  sta $b8
  sta $82
  sta $83
  sta $84
  lda #5
  sta $b9
frame:
  lda #2
  sta vsync
  sta wsync
  sta wsync
  lda #0
  sta vsync
  lda swchb
  and #2
  bne playing
  inc $b2
  inc $b2
  inc $b2
  inc $b2
playing:
  lda $b8
  beq counting
  dec $b8
  bne counting
  dec $b9
counting:
  inc $83
  lda $83
  eor $84
  bne going
  lda $84
  sta $82
going:
  ldy #200
lines:
  sta wsync
  dey
  bne lines
  jmp frame

.org $fffc
  .word start
  .word start
