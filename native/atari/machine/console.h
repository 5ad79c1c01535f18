// The console: the chips wired together, the sockets, and the two screen buffers.
#pragma once

#include <memory>

#include "atari/machine/cartridge.h"
#include "atari/machine/controllers.h"
#include "atari/machine/core.h"
#include "atari/machine/program.h"

namespace trellis::atari {

// A console with its cartridge in: what all slots share. Never changes.
class Machine {
 public:
  Machine(Cartridge cartridge, const ConsoleProperties& properties);

  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const Cartridge& cartridge() const { return cartridge_; }
  const Program& program() const { return program_; }
  const ConsoleProperties& properties() const { return properties_; }
  const Geometry& geometry() const { return geometry_; }
  // The core after power-on and the frames that find out whether the cartridge is PAL.
  const Core& powered() const { return powered_; }

 private:
  Cartridge cartridge_;
  Program program_;
  ConsoleProperties properties_;
  Geometry geometry_;
  Core powered_;
};

// One of the two screen buffers. A frame that covers the whole screen is fully described by the core it started from, and
// drawn only when somebody looks; one that does not shows older pixels and has to be kept as pixels.
struct Picture {
  enum class Kind : uint8_t { black, redrawable, pixels };
  Kind kind = Kind::black;
  bool drawn = false;                 // `pixels` is up to date
  Core start;                         // redrawable: the core before the frame
  std::unique_ptr<uint8_t[]> pixels;  // kMaximumRows x 160, made on first need

  Picture() = default;
  Picture(const Picture& other) { *this = other; }
  Picture& operator=(const Picture& other);
  uint8_t* storage() {
    if (!pixels) pixels = std::make_unique<uint8_t[]>(kMaximumRows * kScreenWidth);
    return pixels.get();
  }
};

// Somewhere else to draw a frame that is looked at once, in other values than palette indices (greys, say).
struct Target {
  uint8_t* pixels;        // kMaximumRows x 160
  const uint8_t* shades;  // of the 256 palette indices; that of 0 must be 0
  bool filled = false;    // set when the frame could be drawn there; otherwise the console's screen has it
};

class Console {
 public:
  explicit Console(const Machine& machine) : machine_(&machine) { powerOn(); }

  const Machine& machine() const { return *machine_; }
  Core& core() { return core_; }
  const Core& core() const { return core_; }
  Picture& picture(int buffer) { return pictures_[buffer]; }

  void powerOn();
  // The system reset: also blackens the screen buffers.
  void reset();
  // Emulates one frame with the present inputs, or what the instruction limit allows of it. `render`: the picture will be
  // wanted; otherwise it is drawn when asked for. `target`: drawn there instead.
  void frame(bool render, Target* target = nullptr);

  // geometry().height rows of 160 palette indices: the buffer drawn last, and the other one.
  const uint8_t* screen() { return shown(pictures_[core_.buffer]); }
  const uint8_t* previousScreen() { return shown(pictures_[core_.buffer ^ 1]); }

  uint8_t readRam(int address) const { return core_.riot.ram[address & 0x7F]; }
  Memory memory() const { return {core_.riot.ram, machine_->cartridge().hasRam() ? core_.cartridge.ram : nullptr}; }

 private:
  const uint8_t* shown(Picture& picture);
  void continueFrame();

  const Machine* machine_;
  Core core_;
  Picture pictures_[2];
};

}  // namespace trellis::atari
