// Batches, saved states and small pictures, on the synthetic cartridges.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "atari/batch.h"
#include "atari/machine/tia_masks.h"
#include "atari/machine/tia_paint.h"
#include "atari/md5.h"
#include "atari/palette.h"
#include "atari/state.h"
#include "test/atari/crc.h"
#include "test/atari/trace.h"

namespace trellis::atari::test {
namespace {

std::vector<uint8_t> rom(const std::string& name) {
  return readFile(std::string(TRELLIS_GOLDEN) + "/" + name + ".bin");
}
const Game& qbert() { return *findGame("qbert"); }

std::unique_ptr<Batch> makeBatch(const std::string& name, BatchOptions options) {
  std::string problem;
  auto batch = Batch::make(rom(name), qbert(), options, &problem);
  EXPECT_TRUE(batch) << problem;
  return batch;
}

uint64_t shownAndKnown(Environment& env) {
  const uint64_t screen = crc32(env.screen(), static_cast<size_t>(env.screenHeight()) * kScreenWidth);
  return screen << 32 | crc32(env.ram().data(), 128);
}

TEST(Md5, KnownValues) {
  const std::string text = "message digest";
  EXPECT_EQ("f96b697d7cb7938d525a2f31aaf161d0", md5({reinterpret_cast<const uint8_t*>(text.data()), text.size()}));
  EXPECT_EQ("d41d8cd98f00b204e9800998ecf8427e", md5({}));
}

TEST(Mersenne, SeekingIsDrawing) {
  Mersenne drawn;
  drawn.seed(5489);
  for (int i = 0; i < 9999; ++i) drawn.next();
  Mersenne sought;
  sought.seek(5489, 9999);
  EXPECT_EQ(4123659995u, sought.next());  // the 10,000th number of the standard's generator
  EXPECT_EQ(4123659995u, drawn.next());
}

// Save at random moments, go on, restore, go on with the same actions: the same again, pictures and generator included.
class Replay : public testing::TestWithParam<const char*> {};

TEST_P(Replay, AfterRestore) {
  auto batch = makeBatch(GetParam(), {.slots = 2});
  std::mt19937 random(7);
  std::vector<uint8_t> bytes(maximumStateSize(batch->machine()));
  Environment &one = batch->slot(0), &other = batch->slot(1);
  for (int round = 0; round < 60; ++round) {
    const bool generator = random() % 2;
    for (uint32_t i = random() % 9; i > 0; --i) one.act(static_cast<int>(random() % 18), random() % 2);
    if (random() % 6 == 0) one.resetGame();
    const size_t size = saveState(one, generator, bytes);
    ASSERT_EQ(size, stateSize(one, generator));
    const Mersenne kept = one.generator();
    const uint64_t before = shownAndKnown(one);
    std::vector<int> actions(1 + random() % 12);
    for (int& action : actions) action = static_cast<int>(random() % 18);
    std::vector<uint64_t> expected;
    int32_t total = 0;
    for (const int action : actions) {
      total += one.act(action, random() % 2);
      expected.push_back(shownAndKnown(one));
    }
    ASSERT_EQ(nullptr, checkState(other, {bytes.data(), size}));
    restoreState(other, {bytes.data(), size});
    if (!generator) other.generator() = kept;
    ASSERT_EQ(before, shownAndKnown(other)) << "round " << round;
    for (size_t i = 0; i < actions.size(); ++i) {
      total -= other.act(actions[i], random() % 2);
      ASSERT_EQ(expected[i], shownAndKnown(other)) << "round " << round << ", act " << i;
    }
    ASSERT_EQ(0, total);
  }
}

INSTANTIATE_TEST_SUITE_P(Synthetic, Replay,
                         testing::Values("tia01", "tia05", "tia09", "tia11", "tia16", "cpu01", "cpu03"));

TEST(State, RefusesWhatIsNotItsOwn) {
  auto batch = makeBatch("tia02", {});
  auto foreign = makeBatch("tia04", {});
  std::vector<uint8_t> bytes(maximumStateSize(batch->machine()));
  bytes.resize(saveState(batch->slot(0), true, bytes));
  EXPECT_EQ(nullptr, batch->check(bytes));
  EXPECT_STREQ("a state of another cartridge", foreign->check(bytes));
  EXPECT_NE(nullptr, batch->check({bytes.data(), bytes.size() - 1}));
  EXPECT_NE(nullptr, batch->check({bytes.data(), 10}));
  EXPECT_NE(nullptr, batch->check({}));
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    auto damaged = bytes;
    damaged[random() % damaged.size()] ^= static_cast<uint8_t>(1 + random() % 255);
    EXPECT_NE(nullptr, batch->check(damaged));
  }
  auto newer = bytes;
  newer[4] ^= 0x55;
  EXPECT_STREQ("a state of another version of this library", batch->check(newer));
  Environment other(batch->machine(), *findGame("pong"), {});
  EXPECT_STREQ("a state of another game", checkState(other, bytes));
}

TEST(Batch, SameOnAnyNumberOfThreadsAndSlots) {
  const auto play = [](int slots, int threads) {
    auto batch = makeBatch("tia07", {.slots = slots, .threads = threads, .picture = PictureShape{84, 84}});
    std::vector<int32_t> all(static_cast<size_t>(slots)), actions(all.size()), rewards(all.size());
    std::vector<uint32_t> seeds(all.size());
    std::vector<uint8_t> faults(all.size(), 9);
    for (int s = 0; s < slots; ++s) all[s] = s, seeds[s] = 100 + s;
    EXPECT_EQ(batch->load(all, seeds.data(), true, faults.data()), 0);
    EXPECT_EQ(faults, std::vector<uint8_t>(all.size()));
    std::vector<uint8_t> pictures(all.size() * 84 * 84), ram(all.size() * 128);
    Outputs outputs{.rewards = rewards.data(), .ram = ram.data(), .pictures = pictures.data(), .acts = 4};
    std::vector<uint32_t> seen(all.size());
    for (int step = 0; step < 30; ++step) {
      for (int s = 0; s < slots; ++s) actions[s] = (step * 7 + s * 3) % 18;
      batch->step(actions.data(), outputs);
      for (int s = 0; s < slots; ++s)
        seen[s] = seen[s] * 31 + crc32(&ram[s * 128], 128) + crc32(&pictures[s * 84 * 84], 84 * 84) + rewards[s];
    }
    return seen;
  };
  const auto alone = play(7, 1), together = play(7, 3), fewer = play(3, 2);
  EXPECT_EQ(alone, together);
  EXPECT_TRUE(std::equal(fewer.begin(), fewer.end(), alone.begin()));
}

// What was drawn in grey on the way is what comes of whole screens.
TEST(Batch, PicturesComeFromTheScreens) {
  for (const char* name : {"tia03", "tia05", "tia12", "cpu02"}) {
    for (const PictureShape shape :
         {PictureShape{84, 84}, PictureShape{52, 40}, PictureShape{84, 84, false}, PictureShape{30, 33}}) {
      auto batch = makeBatch(name, {.picture = shape});
      const int height = batch->machine().geometry().height;
      const Preprocess preprocess(height, shape.height, shape.width);
      Environment plain(batch->machine(), qbert(), {});
      const uint32_t seed = 5;
      const int32_t slot = 0;
      uint8_t fault;
      batch->load({&slot, 1}, &seed, true, &fault);
      plain.loadRom(seed);
      plain.resetGame();
      const size_t size = static_cast<size_t>(preprocess.size());
      std::vector<uint8_t> picture(size), frames(4 * size), expected(size);
      std::vector<std::vector<uint8_t>> greys(4);
      for (int step = 0; step < 12; ++step) {
        const int32_t action = step % 18;
        batch->step(&action, {.frames = step % 2 ? frames.data() : nullptr, .pictures = picture.data(), .acts = 4});
        for (int i = 0; i < 4; ++i) {
          plain.act(action);
          greys[i].assign(plain.screen(), plain.screen() + height * kScreenWidth);
          for (uint8_t& pixel : greys[i]) pixel = palette(batch->machine().geometry().pal).grey[pixel];
          if (step % 2 == 0) continue;
          preprocess.shrink(greys[i].data(), nullptr, expected.data());
          ASSERT_TRUE(std::equal(expected.begin(), expected.end(), frames.begin() + static_cast<ptrdiff_t>(i * size)));
        }
        preprocess.shrink(greys[3].data(), shape.maximum ? greys[2].data() : nullptr, expected.data());
        ASSERT_EQ(expected, picture) << name << " step " << step;
      }
    }
  }
}

TEST(Preprocess, AveragesAreas) {
  std::mt19937 random(1);
  std::vector<uint8_t> grey(210 * kScreenWidth), out(84 * 84);
  for (uint8_t& pixel : grey) pixel = static_cast<uint8_t>(random());
  Preprocess(210, 84, 84).shrink(grey.data(), nullptr, out.data());
  const auto share = [](int source, double from, double to) {
    return std::max(0.0, std::min(to, source + 1.0) - std::max(from, static_cast<double>(source)));
  };
  for (int y = 0; y < 84; ++y)
    for (int x = 0; x < 84; ++x) {
      double sum = 0;
      for (int i = 0; i < 210; ++i)
        for (int j = 0; j < 160; ++j)
          if (const double down = share(i, y * 2.5, y * 2.5 + 2.5); down > 0)
            sum += down * share(j, x * 160 / 84.0, (x + 1) * 160 / 84.0) * grey[static_cast<size_t>(i * 160 + j)];
      // Half a grey is rounding; the rest is single precision.
      ASSERT_NEAR(sum / (2.5 * 160 / 84), out[static_cast<size_t>(y * 84 + x)], 0.501);
    }
}

TEST(Preprocess, BlocksOfFour) {
  std::mt19937 random(2);
  std::vector<uint8_t> grey(210 * kScreenWidth), other(grey.size()), out(52 * 40);
  const Preprocess preprocess(210, 52, 40);
  for (int round = 0; round < 20; ++round) {
    // Few levels make ties common; 255 everywhere is the largest sum.
    const unsigned levels = round == 0 ? 1 : 1u << (round % 8 + 1);
    for (auto* image : {&grey, &other})
      for (uint8_t& pixel : *image) pixel = static_cast<uint8_t>(255 - random() % levels);
    const bool maximum = round % 2 == 1;
    preprocess.shrink(grey.data(), maximum ? other.data() : nullptr, out.data());
    for (int y = 0; y < 52; ++y)
      for (int x = 0; x < 40; ++x) {
        int sum = 0;
        for (int i = 0; i < 4; ++i)
          for (int j = 0; j < 4; ++j) {
            const size_t at = static_cast<size_t>((4 * y + i + 1) * kScreenWidth + 4 * x + j);
            sum += maximum ? std::max(grey[at], other[at]) : grey[at];
          }
        // Ties to even.
        ASSERT_EQ(std::nearbyint(sum / 16.0), out[static_cast<size_t>(y * 40 + x)]);
      }
  }
}

TEST(Painters, AllAgree) {
  struct {
    BrushKind kind;
    const char* name;
    void (*paint)(uint8_t* row, const Scene& scene, int from, int to);
  } painters[] = {
    {BrushKind::portable, "portable", PortableBrush::paint},
#if TRELLIS_X86
    {BrushKind::avx2, "avx2", Avx2Brush::paint},
    {BrushKind::avx512, "avx512", Avx512Brush::paint},
#endif
  };
  std::mt19937_64 random(9);
  for (int round = 0; round < 3000; ++round) {
    LineMask masks[kObjects];
    for (LineMask& mask : masks) mask = {{random() & random(), random() & random(), random() & kLastWord}};
    const int from = static_cast<int>(random() % 160), to = from + 1 + static_cast<int>(random() % (160 - from));
    const auto colour = [&] { return static_cast<uint8_t>(random()); };
    const bool score = random() & 1, before = random() & 1;
    const Scene scene{colour(), colour(), colour(), colour(), masks, uint64_t{0} - score, uint64_t{0} - before};
    std::vector<uint8_t> expected(kScreenWidth + 32, 99);
    for (int x = from; x < to; ++x) {
      const auto in = [&](int object) { return (masks[object].word[x >> 6] >> (x & 63) & 1) != 0; };
      const bool field = in(kPlayfield), front = in(kBall) || (field && !score);
      const bool zero = in(kPlayer0) || in(kMissile0) || (field && score && x < 80);
      const bool one = in(kPlayer1) || in(kMissile1) || (field && score && x >= 80);
      expected[x] = front && before ? scene.playfield
                    : zero          ? scene.player0
                    : one           ? scene.player1
                    : front         ? scene.playfield
                                    : scene.background;
    }
    for (const auto& painter : painters) {
      if (painter.kind > bestBrush()) continue;
      std::vector<uint8_t> row(kScreenWidth + 32, 99);
      painter.paint(row.data(), scene, from, to);
      ASSERT_EQ(expected, row) << painter.name << " " << from << ".." << to;
    }
  }
}

TEST(Cartridge, RefusesWhatItDoesNotKnow) {
  std::string problem;
  EXPECT_FALSE(Cartridge::load(std::vector<uint8_t>(1000), &problem));
  EXPECT_NE(std::string::npos, problem.find("1000 bytes"));
  EXPECT_FALSE(Cartridge::load({}, &problem));
}

}  // namespace
}  // namespace trellis::atari::test
