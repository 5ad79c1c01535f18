// Cartridges: which kind an image is (decided by its content, as in ale-py), and what lies behind an address.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atari/machine/core.h"

namespace trellis::atari {

enum class Mapper : uint8_t { k2K, k4K, kF8, kF8SC, kF6, kF6SC, kE0, kFE, kDPC };
std::string_view mapperName(Mapper mapper);

class Cartridge {
 public:
  // Empty when the size or the bank-switching scheme is not supported; `problem` then says why.
  static std::optional<Cartridge> load(std::span<const uint8_t> image, std::string* problem = nullptr);

  Mapper mapper() const { return mapper_; }
  const std::string& md5() const { return md5_; }
  bool hasRam() const { return mapper_ == Mapper::kF8SC || mapper_ == Mapper::kF6SC; }
  // 4K banks (1K slices for E0), each contiguous.
  const uint8_t* image() const { return image_.data(); }
  int banks() const;

  // Part of the system reset: chooses the first bank and fills the cartridge's RAM.
  void reset(Core& core) const;
  void powerOn(Core& core) const;
  void rebase(Core& core, uint32_t cycles) const {
    if (mapper_ == Mapper::kDPC) core.cartridge.dpc.lastCycle -= cycles;
  }

  // Any access to an address with bit 12 set; it may switch banks. FE looks at bit 13 too.
  uint8_t read(Core& core, uint16_t address) const;
  void write(Core& core, uint16_t address, uint8_t value) const;

 private:
  Cartridge(Mapper mapper, std::vector<uint8_t> image, std::string md5)
      : mapper_(mapper), image_(std::move(image)), md5_(std::move(md5)) {}
  void switchBank(CartridgeState& state, int offset) const;

  Mapper mapper_;
  std::vector<uint8_t> image_;
  std::string md5_;
};

// The display processor chip of the DPC cartridges. Offsets within the 4K window.
namespace dpc {
void clock(DpcState& state);
uint8_t read(DpcState& state, int offset, const uint8_t* display, uint32_t cycle);
void write(DpcState& state, int offset, uint8_t value);
}  // namespace dpc

}  // namespace trellis::atari
