#include "atari/machine/console.h"

#include <cstring>
#include <utility>

#include "atari/machine/fast_cpu.h"
#include "atari/machine/frame.h"
#include "atari/machine/tia.h"

namespace trellis::atari {
namespace {

constexpr int kDetectionFrames = 60, kCountedFrames = 30, kPalFrames = 15, kPalLines = 285;
constexpr int kScreenBytes = kMaximumRows * kScreenWidth;

// A frame from its beginning, or the rest of an unfinished one; in exactly the order of the original.
void runExact(Core& core, const Cartridge& cartridge, const Geometry& geometry, uint8_t* pixels,
              const uint8_t* shades) {
  Tia tia(core, geometry, pixels, shades, true);
  if (!core.frameUnfinished) beginFrame(core, cartridge, tia);
  core.frameUnfinished = 1;
  core.stop = 0;
  runPlain(core, cartridge, tia, kInstructionsPerFrame);
  if (!core.frameUnfinished) core.lastLines = static_cast<int32_t>(core.cycle / kCyclesPerLine);
}

// A whole frame, whichever interpreter it takes.
void runFrame(Core& core, const Cartridge& cartridge, const Program& program, const Geometry& geometry, uint8_t* pixels,
              const uint8_t* shades = kPaletteIndices.data()) {
  const Core start = core;
  Tia tia(core, geometry, pixels, shades);
  if (core.cpu.halted) return runExact(core, cartridge, geometry, pixels, shades);
  beginFrame(core, cartridge, tia);
  core.frameUnfinished = 1;
  core.stop = 0;
  if (!runFast(core, cartridge, program, tia)) {
    core = start;
    return runExact(core, cartridge, geometry, pixels, shades);
  }
  tia.drawToNow();
  core.lastLines = static_cast<int32_t>(core.cycle / kCyclesPerLine);
}

// Whether a picture may end where the original has already written some pixels more: the rest of a group of four, or what a
// HMOVE blanks ahead.
bool cutInLine(const TiaState& tia) {
  const int x = tia.drawn - tia.lineStart - kBlankClocks;
  const bool moved = tia.hmoveBlank || tia.row == 0 || tia.lastHmove >= tia.lineStart - 3;
  return (x > 0 && x % 4 != 0) || (moved && x < kBlankClocks + 8);
}

// Whatever an update of the original does: a frame, or more of an unfinished one.
void runWhole(Core& core, const Cartridge& cartridge, const Program& program, const Geometry& geometry) {
  if (core.frameUnfinished) runExact(core, cartridge, geometry, nullptr, kPaletteIndices.data());
  else runFrame(core, cartridge, program, geometry, nullptr);
}

}  // namespace

Picture& Picture::operator=(const Picture& other) {
  kind = other.kind;
  start = other.start;
  drawn = other.drawn;
  if (drawn && this != &other) std::memcpy(storage(), other.pixels.get(), kScreenBytes);
  return *this;
}

Machine::Machine(Cartridge cartridge, const ConsoleProperties& properties)
    : cartridge_(std::move(cartridge)), program_(cartridge_), properties_(properties) {
  geometry_.yStart = properties.yStart;
  geometry_.height = properties.height;
  geometry_.hmoveBlanks = properties.hmoveBlanks;
  Tia tia(powered_, geometry_, nullptr);
  trellis::atari::powerOn(powered_, cartridge_, tia);
  const int32_t paddles[2] = {0, 0};
  powered_.inputs =
      makeInputs(properties, kNoop, paddles,
                 {.leftDifficultyA = properties.leftDifficultyA, .rightDifficultyA = properties.rightDifficultyA});
  systemReset(powered_, cartridge_, tia);
  int tall = 0;
  for (int i = 0; i < kDetectionFrames; ++i) {
    runWhole(powered_, cartridge_, program_, geometry_);
    if (i >= kDetectionFrames - kCountedFrames && powered_.cycle / kCyclesPerLine > kPalLines) ++tall;
  }
  geometry_.pal = tall >= kPalFrames;
  if (geometry_.pal && geometry_.height == 210) geometry_.height = 250;
  Tia resetTia(powered_, geometry_, nullptr);
  systemReset(powered_, cartridge_, resetTia);
}

void Console::powerOn() {
  core_ = machine_->powered();
  for (Picture& picture : pictures_) picture.kind = Picture::Kind::black, picture.drawn = false;
}

void Console::reset() {
  Tia tia(core_, machine_->geometry(), nullptr);
  systemReset(core_, machine_->cartridge(), tia);
  for (Picture& picture : pictures_) picture.kind = Picture::Kind::black, picture.drawn = false;
}

const uint8_t* Console::shown(Picture& picture) {
  if (picture.drawn) return picture.pixels.get();
  uint8_t* pixels = picture.storage();
  if (picture.kind == Picture::Kind::redrawable) {
    Core scratch = picture.start;
    runFrame(scratch, machine_->cartridge(), machine_->program(), machine_->geometry(), pixels);
  } else {
    std::memset(pixels, 0, kScreenBytes);
  }
  picture.drawn = true;
  return pixels;
}

void Console::continueFrame() {
  Picture& picture = pictures_[core_.buffer];
  shown(picture);
  runExact(core_, machine_->cartridge(), machine_->geometry(), picture.storage(), kPaletteIndices.data());
  picture.kind = Picture::Kind::pixels;
  if (core_.frameUnfinished && !core_.greyed) {
    greyOut(core_, machine_->geometry(), picture.storage());
    core_.greyed = 1;
  }
}

void Console::frame(bool render, Target* target) {
  if (core_.frameUnfinished) return continueFrame();
  const Geometry& geometry = machine_->geometry();
  Picture& picture = pictures_[core_.buffer ^ 1];
  const Core start = core_;
  if (target) {
    runFrame(core_, machine_->cartridge(), machine_->program(), geometry, target->pixels, target->shades);
  } else {
    runFrame(core_, machine_->cartridge(), machine_->program(), geometry, render ? picture.storage() : nullptr);
  }
  const bool complete =
      !core_.frameUnfinished && core_.tia.drawn >= (geometry.yStart + geometry.height) * kClocksPerLine;
  if (complete) {
    picture.kind = Picture::Kind::redrawable;
    picture.start = start;
    picture.drawn = render && !target;
    if (target) target->filled = true;
    return;
  }
  const bool lost = target || !render || !picture.drawn;
  if (lost) {
    if (render && !target) picture.drawn = false;  // just drawn over what was not there
    shown(picture);
  }
  if (lost || cutInLine(core_.tia)) {
    core_ = start;
    runExact(core_, machine_->cartridge(), geometry, picture.storage(), kPaletteIndices.data());
  }
  picture.kind = Picture::Kind::pixels;
  picture.drawn = true;
  if (core_.frameUnfinished) {
    greyOut(core_, geometry, picture.storage());
    core_.greyed = 1;
  }
}

}  // namespace trellis::atari
