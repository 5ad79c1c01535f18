// MD5 (RFC 1321): how cartridge images are named.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace trellis::atari {

// 32 lower-case hexadecimal digits.
std::string md5(std::span<const uint8_t> bytes);

}  // namespace trellis::atari
