#include "atari/state.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace trellis::atari {
namespace {

constexpr uint32_t kMagic = 0x53415254;  // "TRAS"
constexpr uint16_t kVersion = 2;
// A generator this young is stored by its seed and the number of its draws, others by their 624 words.
constexpr uint64_t kYoungDraws = 1248;

enum GeneratorKind : uint8_t { kNoGenerator, kCounted, kWhole };

struct Header {
  uint32_t magic;
  uint16_t version;
  uint8_t generator;
  Picture::Kind pictures[2];
  uint8_t unused[3];
  uint32_t size;      // of the whole record
  uint64_t checksum;  // of everything after the header, and the header without this field
  char md5[32];
  uint64_t game;  // hash of its id
  uint64_t more;  // bytes that a batch added
};

struct CountedGenerator {
  uint64_t draws;
  uint32_t seed;
  uint32_t unused;
};

uint64_t mixed(uint64_t x) {
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93u;
  return x ^ (x >> 32);
}

// Four independent lanes of eight bytes.
uint64_t hash(const uint8_t* bytes, size_t size, uint64_t seed) {
  uint64_t lanes[4] = {seed, seed ^ 0x9E3779B97F4A7C15u, seed + 0xBF58476D1CE4E5B9u, ~seed};
  size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    uint64_t words[4];
    std::memcpy(words, bytes + at, 32);
    for (int i = 0; i < 4; ++i) {
      lanes[i] = (lanes[i] ^ words[i]) * 0xD6E8FEB86659FD93u;
      lanes[i] ^= lanes[i] >> 29;
    }
  }
  uint8_t rest[32] = {};
  if (at < size) std::memcpy(rest, bytes + at, size - at);
  for (int i = 0; i < 4; ++i) {
    uint64_t word;
    std::memcpy(&word, rest + 8 * i, 8);
    lanes[i] = mixed(lanes[i] ^ word ^ size);
  }
  return mixed(lanes[0] ^ mixed(lanes[1] ^ mixed(lanes[2] ^ mixed(lanes[3]))));
}

uint64_t checksumOf(Header header, const uint8_t* bytes) {
  header.checksum = 0;
  return hash(bytes + sizeof header, header.size - sizeof header,
              hash(reinterpret_cast<const uint8_t*>(&header), sizeof header, kVersion));
}

uint64_t gameHash(const Game& game) {
  return hash(reinterpret_cast<const uint8_t*>(game.id.data()), game.id.size(), 1);
}

size_t pixelBytes(const Machine& machine) { return static_cast<size_t>(machine.geometry().height) * kScreenWidth; }

size_t pictureBytes(Picture::Kind kind, const Machine& machine) {
  return kind == Picture::Kind::redrawable ? sizeof(Core) : kind == Picture::Kind::pixels ? pixelBytes(machine) : 0;
}

size_t generatorBytes(int kind) {
  return kind == kWhole ? sizeof(Mersenne) : kind == kCounted ? sizeof(CountedGenerator) : 0;
}

size_t recordSize(const Header& header, const Machine& machine) {
  return sizeof(Header) + sizeof(Core) + sizeof(EnvironmentFields) + pictureBytes(header.pictures[0], machine) +
         pictureBytes(header.pictures[1], machine) + generatorBytes(header.generator) +
         static_cast<size_t>(header.more);
}

Header headerOf(Environment& environment, bool generator, size_t more) {
  const Machine& machine = environment.console().machine();
  Header header{};
  header.magic = kMagic;
  header.version = kVersion;
  header.generator = !generator ? kNoGenerator : environment.generator().draws() <= kYoungDraws ? kCounted : kWhole;
  for (int i = 0; i < 2; ++i) header.pictures[i] = environment.console().picture(i).kind;
  header.more = more;
  header.size = static_cast<uint32_t>(recordSize(header, machine));
  std::copy_n(machine.cartridge().md5().data(), 32, header.md5);
  header.game = gameHash(environment.game());
  return header;
}

template <class T>
uint8_t* put(uint8_t* at, const T& value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

template <class T>
const uint8_t* take(const uint8_t* at, T& value) {
  std::memcpy(&value, at, sizeof value);
  return at + sizeof value;
}

// No game counts so far. What its rules add to or take from a number of the state then stays in range.
constexpr int32_t kMostCounted = 1 << 24;

bool plausible(const GameState& state) {
  const auto counted = [](int32_t number) { return number >= -kMostCounted && number <= kMostCounted; };
  // Six digits times a factor can be more than that: a score need only leave room for the next one.
  return state.score >= -kMostCounted && state.score <= std::numeric_limits<int32_t>::max() - kMostCounted &&
         counted(state.lives) && counted(state.counter) && std::ranges::all_of(state.extra, counted) &&
         state.terminal <= 1;
}

bool plausible(const EnvironmentFields& fields, const Game& game) {
  const auto onDial = [&](int32_t r) { return r >= 27450 && r <= game.paddleMaximum; };
  return fields.stickyAction >= 0 && fields.stickyAction < 18 && onDial(fields.paddles[0]) &&
         onDial(fields.paddles[1]) && game.hasMode(fields.mode) &&
         (fields.difficulty == 0 || game.hasDifficulty(fields.difficulty)) && fields.stickyStrength >= 0 &&
         fields.stickyStrength <= 1 && plausible(fields.audio) && fields.frameNumber >= 0 &&
         fields.episodeFrameNumber >= 0 && plausible(fields.game);
}

}  // namespace

// More than a slot draws in years of resets; a larger number is damage, and would take minutes to reach.
constexpr uint32_t kMostDraws = 100'000'000;

bool plausible(const Core& core, const Machine& machine) {
  const TiaState& tia = core.tia;
  const Geometry& geometry = machine.geometry();
  const int32_t stop = (geometry.yStart + geometry.height) * kClocksPerLine;
  const auto flag = [](int value) { return value >= 0 && value <= 1; };
  bool good = core.draws <= kMostDraws && flag(core.cpu.carry) && flag(core.cpu.overflow) && flag(core.cpu.decimal) &&
              flag(core.cpu.interrupt) && flag(core.cpu.halted) && core.frameStartCycle < kCyclesPerLine &&
              core.lastLines >= 0 && flag(core.frameUnfinished) && flag(core.greyed) && flag(core.buffer) &&
              core.riot.timerShift <= 10 && core.cartridge.bank < machine.cartridge().banks();
  for (const uint8_t position : tia.position) good = good && position < kScreenWidth;
  for (const uint8_t motion : tia.motion) good = good && motion < 16;
  for (const uint8_t value :
       {tia.skipFirst[0], tia.skipFirst[1], tia.missileHidden, tia.missileWidened, tia.starField, tia.hmoveBlank,
        tia.playfieldReflected, tia.dumping, tia.verticalDelay[0], tia.verticalDelay[1], tia.verticalDelay[2]})
    good = good && flag(value);
  good = good && tia.enabled < 64 && tia.dirty < 64 && tia.playfield < 1u << 20 && tia.starFieldCounter < 4;
  // Drawing goes on inside the line it stopped in.
  good = good && tia.drawn >= 0 && tia.drawn <= std::max(stop, tia.lineStart) && tia.lineStart >= 0 &&
         tia.lineStart <= stop && tia.lineStart % kClocksPerLine == 0 && tia.drawn >= tia.lineStart &&
         tia.drawn - tia.lineStart < kClocksPerLine && tia.row >= 0 && tia.row <= tia.lineStart / kClocksPerLine;
  return good;
}

size_t stateSize(Environment& environment, bool generator, size_t more) {
  return headerOf(environment, generator, more).size;
}

size_t maximumStateSize(const Machine& machine) {
  return sizeof(Header) + sizeof(Core) + sizeof(EnvironmentFields) + 2 * std::max(sizeof(Core), pixelBytes(machine)) +
         sizeof(Mersenne);
}

size_t saveState(Environment& environment, bool generator, std::span<uint8_t> bytes, std::span<const uint8_t> more) {
  Console& console = environment.console();
  Header header = headerOf(environment, generator, more.size());
  if (bytes.size() < header.size) return 0;
  uint8_t* at = put(put(bytes.data() + sizeof header, console.core()), environment.fields());
  for (int i = 0; i < 2; ++i) {
    const Picture& picture = console.picture(i);
    if (picture.kind == Picture::Kind::redrawable) {
      at = put(at, picture.start);
    } else if (picture.kind == Picture::Kind::pixels) {
      std::memcpy(at, picture.pixels.get(), pixelBytes(console.machine()));
      at += pixelBytes(console.machine());
    }
  }
  const Mersenne& source = environment.generator();
  if (header.generator == kCounted) at = put(at, CountedGenerator{source.draws(), source.firstSeed(), 0});
  if (header.generator == kWhole) at = put(at, source);
  std::copy(more.begin(), more.end(), at);
  header.checksum = checksumOf(header, bytes.data());
  put(bytes.data(), header);
  return header.size;
}

const char* checkState(const Environment& environment, std::span<const uint8_t> bytes) {
  const Machine& machine = environment.console().machine();
  Header header;
  if (bytes.size() < sizeof header) return "too short for a state";
  const uint8_t* at = take(bytes.data(), header);
  if (header.magic != kMagic) return "not a state of an Atari slot";
  if (header.version != kVersion) return "a state of another version of this library";
  if (!std::equal(header.md5, header.md5 + 32, machine.cartridge().md5().begin()))
    return "a state of another cartridge";
  if (header.game != gameHash(environment.game())) return "a state of another game";
  if (header.generator > kWhole || header.pictures[0] > Picture::Kind::pixels ||
      header.pictures[1] > Picture::Kind::pixels || header.more > bytes.size() || header.size != bytes.size() ||
      header.size != recordSize(header, machine) || header.checksum != checksumOf(header, bytes.data()))
    return "a damaged state";
  Core core;
  EnvironmentFields fields;
  at = take(take(at, core), fields);
  if (!plausible(core, machine) || !plausible(fields, environment.game())) return "a damaged state";
  for (const Picture::Kind kind : header.pictures) {
    if (kind == Picture::Kind::redrawable) {
      Core start;
      std::memcpy(&start, at, sizeof start);
      if (!plausible(start, machine) || start.frameUnfinished) return "a damaged state";
    }
    at += pictureBytes(kind, machine);
  }
  if (header.generator == kCounted) {
    CountedGenerator counted;
    take(at, counted);
    if (counted.draws > kYoungDraws) return "a damaged state";
  } else if (header.generator == kWhole && !Mersenne::valid(at)) {
    return "a damaged state";
  }
  return nullptr;
}

std::span<const uint8_t> addedTo(std::span<const uint8_t> bytes) {
  Header header;
  take(bytes.data(), header);
  return bytes.last(static_cast<size_t>(header.more));
}

void resealState(std::span<uint8_t> bytes) {
  Header header;
  if (bytes.size() < sizeof header) return;
  take(bytes.data(), header);
  header.size = static_cast<uint32_t>(bytes.size());
  header.checksum = checksumOf(header, bytes.data());
  put(bytes.data(), header);
}

void restoreState(Environment& environment, std::span<const uint8_t> bytes) {
  Console& console = environment.console();
  Header header;
  const uint8_t* at = take(bytes.data(), header);
  at = take(take(at, console.core()), environment.fields());
  for (int i = 0; i < 2; ++i) {
    Picture& picture = console.picture(i);
    picture.kind = header.pictures[i];
    picture.drawn = picture.kind == Picture::Kind::pixels;
    if (picture.kind == Picture::Kind::redrawable) {
      at = take(at, picture.start);
    } else if (picture.kind == Picture::Kind::pixels) {
      std::memcpy(picture.storage(), at, pixelBytes(console.machine()));
      at += pixelBytes(console.machine());
    }
  }
  if (header.generator == kCounted) {
    CountedGenerator counted;
    take(at, counted);
    environment.generator().seek(counted.seed, counted.draws);
  } else if (header.generator == kWhole) {
    take(at, environment.generator());
  }
}

}  // namespace trellis::atari
