// The machine's changing part as one plain struct: copying it is saving the machine. ROM and pixels live outside.
//
// Time: `cycle` counts CPU cycles since the start of scan line 0 of the present frame; a line has 76 cycles or 228 colour
// clocks. At a frame's start the whole lines of the frame before are subtracted from it and from every stored time.
#pragma once

#include <cstdint>
#include <type_traits>

#include "atari/machine/audio.h"

namespace trellis::atari {

inline constexpr int kCyclesPerLine = 76;
inline constexpr int kClocksPerLine = 228;
inline constexpr int kBlankClocks = 68;  // of a line, before its 160 pixels
inline constexpr int kScreenWidth = 160;
inline constexpr int kMaximumRows = 300;  // of a screen buffer
inline constexpr int kInstructionsPerFrame = 25000;
inline constexpr int32_t kNoTime = 0x7FFFFFFF;

struct CpuState {
  uint16_t pc;
  // Zero flag: low byte is 0. Negative flag: bit 7 or bit 15.
  uint16_t zeroNegative;
  uint8_t a, x, y, sp;
  uint8_t carry, overflow, decimal, interrupt;  // 0 or 1
  uint8_t halted;                               // by an illegal halting opcode; until the next reset
  uint8_t bus;                                  // the last byte on the data bus
  uint8_t lastAccessWasRead;
  uint8_t unused;
};

struct RiotState {
  uint8_t ram[128];
  uint32_t timerSetCycle;   // when the timer was written
  uint32_t timerReadCycle;  // when it was first read after running out
  uint8_t timer, timerShift, timerWasRead, directionA;
};

// What the sockets and switches show; set by the environment between frames.
struct InputState {
  int32_t resistance[4];  // of the paddles; kNoTime = nothing there
  uint8_t portA;          // SWCHA
  uint8_t switches;       // SWCHB
  uint8_t fire[2];        // INPT4, INPT5: $80 released, 0 pressed
};

// 160 pixels of a line as bits, leftmost first.
struct LineMask {
  uint64_t word[3];
};

enum Object : int { kPlayfield, kBall, kMissile0, kMissile1, kPlayer0, kPlayer1, kObjects };
enum Colour : int { kColourPlayer0, kColourPlayer1, kColourPlayfield, kColourBackground };

struct TiaState {
  LineMask masks
      [kObjects];  // of the objects as they are now, empty where not enabled; else stale where `dirty` has the object's bit
  int32_t drawn;         // colour clock up to which the picture is drawn
  int32_t drawAhead;     // colour clock up to which a skipped drawing would have gone
  int32_t lineStart;     // colour clock of the start of the line `drawn` is in
  int32_t vsyncFinish;   // clock from which the end of VSYNC ends the frame
  int32_t lastHmove;     // clock of the last HMOVE
  uint32_t dumpRelease;  // cycle at which the paddle capacitors were released
  uint32_t playfield;    // 20 columns, leftmost lowest
  uint16_t collisions;   // bits 2r+1, 2r: bits 7, 6 of collision register r
  int16_t row;           // of the screen buffer, being drawn
  uint8_t colours[4];
  uint8_t position[kObjects];  // 0..159; [kPlayfield] unused
  uint8_t motion[kObjects];    // HMxx, 0..15
  uint8_t graphics[2], delayedGraphics[2], shownGraphics[2];
  uint8_t size[2];           // NUSIZ
  uint8_t control;           // CTRLPF
  uint8_t reflect[2];        // REFP bit 3
  uint8_t verticalDelay[3];  // VDELP0, VDELP1, VDELBL, bit 0
  uint8_t missileOn[2];      // ENAM bit 1
  uint8_t ballOn, delayedBallOn;
  uint8_t missileLocked[2];  // RESMP bit 1
  uint8_t enabled;           // bit per Object: can show a pixel at all
  uint8_t dirty;             // bit per Object
  uint8_t vblank, vsync;
  uint8_t dumping;             // paddle capacitors held at ground
  uint8_t hmoveBlank;          // the next visible line begins with 8 black pixels
  uint8_t playfieldReflected;  // latched
  // The chip shows objects as they were when their masks were last computed; that differs from the registers only here.
  uint8_t skipFirst[2];    // players: the first copy is not shown; until the end of the line
  uint8_t missileHidden;   // missile 0, by the star-field effect
  uint8_t missileWidened;  // likewise
  uint8_t starField, starFieldCounter;
};

// Data fetchers of the one game with a display processor chip.
struct DpcState {
  uint16_t counter[8];
  uint8_t top[8], bottom[8], flag[8];
  uint8_t musicMode[3];
  uint8_t random;
  uint32_t lastCycle;
  double fraction;
};

struct CartridgeState {
  union {
    uint8_t ram[128];
    DpcState dpc;
  };
  uint8_t bank;
  uint8_t segments[3];  // E0: slices shown
};

struct Core {
  CpuState cpu;
  uint32_t cycle;
  uint32_t frameStartCycle;  // value of `cycle` when the frame began
  uint32_t draws;            // made from the machine's own generator
  int32_t lastLines;         // scan lines of the last finished frame
  uint8_t frameUnfinished;
  uint8_t greyed;        // the unfinished frame was greyed out
  uint8_t stop;          // the frame has ended
  uint8_t buffer;        // which of the two screen buffers is being drawn
  AudioRegisters audio;  // as stored last; a system reset leaves them
  uint8_t unused[2];
  TiaState tia;
  RiotState riot;
  InputState inputs;
  CartridgeState cartridge;
};
static_assert(std::is_trivially_copyable_v<Core>);
static_assert(sizeof(Core) <= 640);

// What never changes once the cartridge is in.
struct Geometry {
  int yStart = 34;
  int height = 210;
  bool pal = false;
  bool hmoveBlanks = true;
  int lineLimit() const { return pal ? 342 : 290; }
};

}  // namespace trellis::atari
