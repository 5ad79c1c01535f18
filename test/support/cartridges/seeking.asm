; For tests of modes that are sought by acts: video_cube's rules, its cube is $9f. The first frame after RESET decides:
; with the joystick to the right it is cube 2, else the game is over (all faces from $a0 on are solved).
vsync = $00
wsync = $02
swcha = $0280
swchb = $0282
armed = $80
decided = $81

.org $f000
start:
  cld
  ldx #$ff
  txs
  ldx #$7f
  lda #0
clearing:
  sta $80,x
  dex
  bne clearing
  sta armed
  lda #1
  sta $9f
  sta $a1
frame:
  lda #2
  sta vsync
  sta wsync
  sta wsync
  lda #0
  sta vsync
  lda swchb
  and #1
  bne released
  lda #1
  sta armed
  jmp going
released:
  lda armed
  beq going
  lda decided
  bne going
  inc decided
  lda swcha
  and #$80
  bne over
  lda #2
  sta $9f
  jmp going
over:
  lda #0
  sta $a1
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
