; Two sides: one half of the screen is white. After eight frames the joystick must point there (left or right), which scores
; a point; then the next half is drawn. Sixteen rounds make a game, so 16 is the most that can be scored.
; Score and end lie where the rules "homebrew" look for them.

vsync  = $00
vblank = $01
wsync  = $02
colup0 = $06          ; colour of the left half, with CTRLPF's score bit
colup1 = $07          ; and of the right one
ctrlpf = $0a
pf0    = $0d
pf1    = $0e
pf2    = $0f
swcha  = $0280        ; player A: bit 7 right, bit 6 left; 0 while held
swchb  = $0282        ; bit 0: RESET; 0 while held

score  = $80
over   = $82
frame  = $83          ; frames of this round
rounds = $84          ; still to play
side   = $85          ; bit of SWCHA that scores
random = $86          ; eight-bit shift register, never 0

        .org $f000
start:  sei
        cld
        ldx #$ff
        txs
        lda #0
clear:  sta $00,x     ; all of RAM, and the picture's registers
        dex
        bne clear
        lda #$ff
        sta pf0
        sta pf1
        sta pf2
        lda #%00000010
        sta ctrlpf
        lda #$5a
        sta random

        lda #%10000000
        sta side
        lda #16
        sta rounds

loop:   lda #2
        sta vblank
        sta vsync
        sta wsync
        sta wsync
        sta wsync
        lda #0
        sta vsync

        lda swchb
        and #1
        beq new
        lda over
        bne draw
        inc frame
        lda frame
        and #7
        bne draw
        lda swcha     ; the last frame of a round
        and side
        bne missed
        inc score
missed: lda random
        lsr
        bcc even
        eor #$b8
even:   sta random
        and #1
        beq left
        lda #%10000000
        jmp next
left:   lda #%01000000
next:   sta side
        dec rounds
        bne draw
        inc over
        jmp draw

new:    lda #0        ; RESET: a new game
        sta score
        sta over
        sta frame
        lda #16
        sta rounds

draw:   lda side
        and #%10000000
        beq white
        ldx #$0e      ; right
        lda #$00
        jmp paint
white:  ldx #$00
        lda #$0e
paint:  sta colup0
        stx colup1
        ldy #37
blank:  sta wsync
        dey
        bne blank
        lda #0
        sta vblank
        ldy #192
line:   sta wsync
        dey
        bne line
        lda #2
        sta vblank
        ldy #30
tail:   sta wsync
        dey
        bne tail
        jmp loop

        .org $fffa
        .word start, start, start
