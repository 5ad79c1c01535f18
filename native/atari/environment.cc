#include "atari/environment.h"

#include <algorithm>
#include <limits>

#include "atari/palette.h"

namespace trellis::atari {
namespace {

constexpr int32_t kPaddleMinimum = 27450, kPaddleStep = 23000;
constexpr int kStartFrames = 60;

// The total is never set back, and a day of one slot at full speed comes to 2^31: it stops there.
void countFrame(EnvironmentFields& fields) {
  constexpr int32_t most = std::numeric_limits<int32_t>::max();
  if (fields.frameNumber < most) ++fields.frameNumber;
  if (fields.episodeFrameNumber < most) ++fields.episodeFrameNumber;
}

}  // namespace

class Environment::Driver : public ModeDriver {
 public:
  explicit Driver(Environment& environment) : environment_(environment) {}
  Memory memory() override { return environment_.console_.memory(); }
  GameState& state() override { return environment_.fields_.game; }
  void pressSelect(int frames) override { environment_.pressSelect(frames); }
  void softReset() override { environment_.softReset(); }
  void act(Action action) override { environment_.act(action, 0); }
  bool over() override { return environment_.over(); }
  uint32_t draw() override { return environment_.generator_.next(); }

 private:
  Environment& environment_;
};

Environment::Environment(const Machine& machine, const Game& game, const Settings& settings)
    : game_(&game), settings_(settings), console_(machine) {
  loadRom(0);
}

Environment::Environment(const Environment& other)
    : game_(other.game_),
      settings_(other.settings_),
      console_(other.console_),
      fields_(other.fields_),
      generator_(other.generator_) {}

bool Environment::loadRom(uint32_t seed, int mode, int difficulty) {
  console_.powerOn();
  fields_ = {};
  fields_.mode = static_cast<int16_t>(mode);
  fields_.difficulty = static_cast<int16_t>(difficulty);
  generator_.seed(seed);
  return resetGame();
}

bool Environment::resetGame() {
  fields_.episodeFrameNumber = 0;
  fields_.paddles[0] = fields_.paddles[1] = (kPaddleMinimum + game_->paddleMaximum) / 2;
  console_.reset();
  emulate(kNoop, kStartFrames);
  softReset();
  game_->reset(fields_.game);
  Driver driver(*this);
  const bool reached = game_->setMode(fields_.mode, driver);
  softReset();
  for (const StartingAction& start : game_->starting) emulate(start.action, start.frames);
  fields_.fresh = 1;
  return reached;
}

void Environment::setInputs(int action, bool select) {
  const Switches switches{.reset = action == kReset,
                          .select = select,
                          .leftDifficultyA = (fields_.difficulty & 1) != 0,
                          .rightDifficultyA = (fields_.difficulty & 2) != 0};
  console_.core().inputs = makeInputs(console_.machine().properties(), action, fields_.paddles, switches);
}

void Environment::emulate(int action, int frames, bool render, Target* target, float strength) {
  const ConsoleProperties& properties = console_.machine().properties();
  const bool paddles = properties.leftPaddles || properties.rightPaddles;
  const Stick stick = stickOf(action);
  const auto step = static_cast<int32_t>(static_cast<float>(kPaddleStep) * strength);
  const int32_t motion = stick.right ? -step : stick.left ? step : 0;
  for (int i = 0; i < frames; ++i) {
    if (paddles) fields_.paddles[0] = std::clamp(fields_.paddles[0] + motion, kPaddleMinimum, game_->paddleMaximum);
    setInputs(action, false);
    console_.frame(render, target);
    game_->step(console_.memory(), fields_.game);
    // What the game's rules read last stays on the data bus, where a program that runs from the TIA's addresses sees it.
    // (Known by experiment for qbert; it matters between the frames of a reset only.)
    if (i + 1 < frames && game_->id == "qbert") console_.core().cpu.bus = console_.core().riot.ram[0x08];
  }
  // After all of them the whole RAM is read.
  console_.core().cpu.bus = console_.core().riot.ram[127];
}

void Environment::pressSelect(int frames) {
  setInputs(kNoop, true);
  for (int i = 0; i < frames; ++i) console_.frame(false);
  emulate(kNoop, 1);
  countFrame(fields_);
}

bool Environment::truncated() const {
  return (settings_.maximumFramesPerEpisode > 0 && fields_.episodeFrameNumber >= settings_.maximumFramesPerEpisode) ||
         (settings_.truncateOnLifeLoss && fields_.game.lives < game_->initialLives);
}

int32_t Environment::act(int action, int render, Target* target, float strength) {
  const auto p = static_cast<double>(settings_.repeatActionProbability);
  if (settings_.colourAveraging && render > 0) render = std::max(render, 2);
  int32_t sum = 0;
  for (int i = 0; i < settings_.frameSkip; ++i) {
    if (generator_.nextDouble() >= p) {
      fields_.stickyAction = action;
      fields_.stickyStrength = strength;
    }
    generator_.next();  // player B's
    if (over()) continue;
    const int done = game_->isLegal(fields_.stickyAction) ? fields_.stickyAction : kNoop;
    emulate(done, 1, i >= settings_.frameSkip - render, i == settings_.frameSkip - 1 ? target : nullptr,
            fields_.stickyStrength);
    fields_.fresh = 0;
    countFrame(fields_);
    sum = static_cast<int32_t>(static_cast<uint32_t>(sum) + static_cast<uint32_t>(fields_.game.reward));
  }
  if (settings_.audio) makeSound(fields_.audio, console_.core().audio);  // after the end, too
  return std::clamp(sum, settings_.rewardMinimum, settings_.rewardMaximum);
}

const uint8_t* Environment::screen() {
  if (!settings_.colourAveraging) return console_.screen();
  const int size = screenHeight() * kScreenWidth;
  if (!averaged_) averaged_ = std::make_unique<uint8_t[]>(static_cast<size_t>(size));
  const auto& blend = palette(console_.machine().geometry().pal).blend();
  const uint8_t* now = console_.screen();
  const uint8_t* before = console_.previousScreen();
  for (int i = 0; i < size; ++i) averaged_[i] = blend[now[i]][before[i]];
  return averaged_.get();
}

}  // namespace trellis::atari
