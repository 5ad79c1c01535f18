#include "atari/machine/cartridge.h"

#include <algorithm>
#include <initializer_list>

#include "atari/machine/random.h"
#include "atari/md5.h"

namespace trellis::atari {
namespace {

using Bytes = std::span<const uint8_t>;
using Signature = std::initializer_list<uint8_t>;

// The last possible place is not looked at, and a hit is followed by a gap of one byte: as the original.
bool has(Bytes image, Signature signature, int wanted = 1) {
  int hits = 0;
  for (size_t at = 0; at + signature.size() < image.size(); ++at) {
    if (!std::equal(signature.begin(), signature.end(), image.begin() + static_cast<std::ptrdiff_t>(at))) continue;
    if (++hits == wanted) return true;
    at += signature.size();
  }
  return false;
}

bool hasAny(Bytes image, std::initializer_list<Signature> signatures) {
  return std::ranges::any_of(signatures, [&](const Signature& signature) { return has(image, signature); });
}

// Cartridges with RAM leave the first 256 bytes of every bank empty.
bool looksLikeSuperChip(Bytes image) {
  for (size_t bank = 0; bank < image.size(); bank += 4096) {
    const auto first = image.subspan(bank, 256);
    if (std::ranges::any_of(first, [&](uint8_t byte) { return byte != first[0]; })) return false;
  }
  return true;
}

bool looksLikeE7(Bytes image) {
  const auto ram = image.subspan(0x3800, 0x200);
  const uint8_t fill = ram[0];
  if (std::ranges::any_of(ram, [&](uint8_t byte) { return byte != fill; })) return false;
  for (int i = 1; i <= 32; ++i)
    if (image[0x3800 - i] != fill || image[0x39FF + i] != fill) return true;
  return false;
}

bool halvesEqual(Bytes image) {
  return std::ranges::equal(image.first(image.size() / 2), image.subspan(image.size() / 2));
}

bool isCv(Bytes image) { return hasAny(image, {{0x9D, 0xFF, 0xF3}, {0x99, 0x00, 0xF4}}); }
bool isE0(Bytes image) {
  return hasAny(image, {{0x8D, 0xE0, 0x1F},
                        {0x8D, 0xE0, 0x5F},
                        {0x8D, 0xE9, 0xFF},
                        {0xAD, 0xE9, 0xFF},
                        {0xAD, 0xED, 0xFF},
                        {0xAD, 0xF3, 0xBF}});
}
bool is3E(Bytes image) { return has(image, {0x85, 0x3E, 0xA9, 0x00}); }
bool is3F(Bytes image) { return has(image, {0x85, 0x3F}, 2); }
bool isUa(Bytes image) { return has(image, {0x8D, 0x40, 0x02}); }
bool isFe(Bytes image) {
  return hasAny(image, {{0x20, 0x00, 0xD0, 0xC6, 0xC5},
                        {0x20, 0xC3, 0xF8, 0xA5, 0x82},
                        {0xD0, 0xFB, 0x20, 0x73, 0xFE},
                        {0x20, 0x00, 0xF0, 0x84, 0xD6}});
}

struct Verdict {
  std::optional<Mapper> mapper;
  const char* scheme;  // when it is not supported
};

Verdict classify(Bytes image) {
  switch (image.size()) {
    case 2048:
      if (isCv(image)) return {{}, "CV"};
      return {Mapper::k2K, ""};
    case 4096:
      if (isCv(image)) return {{}, "CV"};
      return {halvesEqual(image) ? Mapper::k2K : Mapper::k4K, ""};
    case 8192:
      if (looksLikeSuperChip(image)) return {Mapper::kF8SC, ""};
      if (halvesEqual(image)) return {Mapper::k4K, ""};
      if (isE0(image)) return {Mapper::kE0, ""};
      if (is3E(image)) return {{}, "3E"};
      if (is3F(image)) return {{}, "3F"};
      if (isUa(image)) return {{}, "UA"};
      return {isFe(image) ? Mapper::kFE : Mapper::kF8, ""};
    case 10240:
    case 10495:
    case 10496:
      return {Mapper::kDPC, ""};
    case 16384:
      if (looksLikeSuperChip(image)) return {Mapper::kF6SC, ""};
      if (looksLikeE7(image)) return {{}, "E7"};
      if (is3E(image)) return {{}, "3E"};
      if (is3F(image)) return {{}, "3F"};
      return {Mapper::kF6, ""};
    default:
      return {{}, nullptr};
  }
}

}  // namespace

std::string_view mapperName(Mapper mapper) {
  constexpr std::string_view kNames[] = {"2K", "4K", "F8", "F8SC", "F6", "F6SC", "E0", "FE", "DPC"};
  return kNames[static_cast<int>(mapper)];
}

std::optional<Cartridge> Cartridge::load(Bytes image, std::string* problem) {
  const Verdict verdict = classify(image);
  if (!verdict.mapper) {
    if (problem) {
      *problem = verdict.scheme ? std::string("bank-switching scheme ") + verdict.scheme + " is not supported"
                                : "an image of " + std::to_string(image.size()) + " bytes is of no supported cartridge";
    }
    return std::nullopt;
  }
  std::vector<uint8_t> bytes(image.begin(), image.end());
  if (image.size() == 2048) bytes.insert(bytes.end(), image.begin(), image.end());
  if (*verdict.mapper == Mapper::k4K) bytes.resize(4096);
  if (*verdict.mapper == Mapper::kDPC) bytes.resize(10496);
  return Cartridge(*verdict.mapper, std::move(bytes), atari::md5(image));
}

int Cartridge::banks() const {
  switch (mapper_) {
    case Mapper::k2K:
    case Mapper::k4K:
      return 1;
    case Mapper::kF6:
    case Mapper::kF6SC:
      return 4;
    case Mapper::kE0:
      return 8;
    default:
      return 2;
  }
}

void Cartridge::powerOn(Core& core) const {
  if (mapper_ != Mapper::kDPC) return;
  core.cartridge.dpc = {};
  core.cartridge.dpc.random = 1;
}

void Cartridge::reset(Core& core) const {
  CartridgeState& state = core.cartridge;
  if (hasRam())
    for (uint8_t& byte : state.ram) byte = static_cast<uint8_t>(machineDraw(core.draws++));
  if (mapper_ == Mapper::kDPC) {
    state.dpc.fraction = 0;
    state.dpc.lastCycle = core.cycle;
  }
  state.bank = mapper_ == Mapper::kF8 || mapper_ == Mapper::kF8SC || mapper_ == Mapper::kDPC;
  if (mapper_ == Mapper::kE0)
    for (int i = 0; i < 3; ++i) state.segments[i] = static_cast<uint8_t>(4 + i);
}

// Hot spots are the same for reading and writing.
void Cartridge::switchBank(CartridgeState& state, int offset) const {
  switch (mapper_) {
    case Mapper::kF8:
    case Mapper::kF8SC:
    case Mapper::kDPC:
      if (offset == 0xFF8 || offset == 0xFF9) state.bank = static_cast<uint8_t>(offset - 0xFF8);
      break;
    case Mapper::kF6:
    case Mapper::kF6SC:
      if (offset >= 0xFF6 && offset <= 0xFF9) state.bank = static_cast<uint8_t>(offset - 0xFF6);
      break;
    case Mapper::kE0:
      if (offset >= 0xFE0 && offset <= 0xFF7) state.segments[(offset - 0xFE0) >> 3] = static_cast<uint8_t>(offset & 7);
      break;
    default:
      break;
  }
}

uint8_t Cartridge::read(Core& core, uint16_t address) const {
  CartridgeState& state = core.cartridge;
  const int offset = address & 0xFFF;
  switch (mapper_) {
    case Mapper::k2K:
    case Mapper::k4K:
      return image_[offset];
    case Mapper::kFE:
      return image_[(address & 0x2000 ? 0 : 0x1000) + offset];
    case Mapper::kE0: {
      switchBank(state, offset);
      const int slice = offset < 0xC00 ? state.segments[offset >> 10] & 7 : 7;
      return image_[slice * 1024 + (offset & 0x3FF)];
    }
    case Mapper::kDPC:
      if (offset < 0x80 || offset >= 0xFC0) dpc::clock(state.dpc);
      if (offset < 0x40) return dpc::read(state.dpc, offset, image_.data() + 8192, core.cycle);
      break;
    case Mapper::kF8SC:
    case Mapper::kF6SC:
      if (offset >= 0x80 && offset < 0x100) return state.ram[offset & 0x7F];
      break;
    default:
      break;
  }
  switchBank(state, offset);
  return image_[(state.bank & 3) * 4096 + offset];
}

void Cartridge::write(Core& core, uint16_t address, uint8_t value) const {
  CartridgeState& state = core.cartridge;
  const int offset = address & 0xFFF;
  if (hasRam() && offset < 0x80) state.ram[offset] = value;
  if (mapper_ == Mapper::kDPC && (offset < 0x80 || offset >= 0xFC0)) {
    dpc::clock(state.dpc);
    if (offset >= 0x40 && offset < 0x80) dpc::write(state.dpc, offset, value);
  }
  switchBank(state, offset);
}

}  // namespace trellis::atari
