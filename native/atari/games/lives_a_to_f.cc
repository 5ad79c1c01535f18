// Games with a score and a counter of lives in RAM, a to f.
#include "atari/games/tables.h"

#include <algorithm>

namespace trellis::atari {
namespace {

constexpr int16_t kAsteroidsModes[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                                       17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 128};

// Five digits, each shifted left by three; $80 is a blank.
int alienScore(Memory m) {
  const auto digit = [m](int address) { return m[address] == 0x80 ? 0 : m[address] >> 3; };
  return 10 * (digit(0x8B) + 10 * digit(0x89) + 100 * digit(0x87) + 1000 * digit(0x85) + 10000 * digit(0x83));
}

// Three digits of thousands; 10 is a blank.
int battleZoneScore(Memory m) {
  const auto digit = [](int value) { return value == 10 ? 0 : value; };
  return 1000 * (digit(m.high(0x9D)) + 10 * digit(m.low(0x9E)) + 100 * digit(m.high(0x9E)));
}

constexpr auto noLivesLeft = [](Memory, int lives, int) { return lives == 0; };

constexpr Game kGames[] = {
    {.id = "alien", .name = "Alien", .md5 = "f1a0a23e6464d954e3a9579c4ccd01c8",
     .score = alienScore,
     .livesKind = Lives::raw, .initialLives = 3, .lives = [](Memory m, int) { return m.low(0xC0); },
     .terminal = noLivesLeft,
     .difficulties = list<0, 1, 2, 3>,
     .modes = list<0, 1, 2, 3>,
     .selectFrames = 1, .inMode = [](Memory m, int mode) { return m[0x81] == mode; }},
    {.id = "amidar", .name = "Amidar", .md5 = "acb7750b4d0c4bd34969802a7deb2990",
     .console = {.leftDifficultyA = true, .rightDifficultyA = true},
     .score = [](Memory m) { return m.decimal(0xD9, 0xDA, 0xDB); },
     .livesKind = Lives::counted, .initialLives = 3, .lives = [](Memory m, int) { return m.low(0xD6); },
     .terminal = [](Memory m, int, int) { return m[0xD6] == 0x80; },
     .minimalActions = list<0, 1, 2, 3, 4, 5, 10, 11, 12, 13>,
     .difficulties = list<0, 3>},
    {.id = "assault", .name = "Assault", .md5 = "de78b3a064d374390ac0710f95edde92",
     .score = [](Memory m) { return m.decimal(0x82, 0x81, 0x80); },
     .livesKind = Lives::counted, .initialLives = 4, .lives = [](Memory m, int) { return m[0xE5]; },
     .terminal = noLivesLeft,
     .minimalActions = list<0, 1, 2, 3, 4, 11, 12>},
    {.id = "asterix", .name = "Asterix", .md5 = "89a68746eff7f266bbf08de2483abe55",
     .score = [](Memory m) { return m.decimal(0xE0, 0xDF, 0xDE); },
     .livesKind = Lives::counted, .initialLives = 3, .lives = [](Memory m, int) { return m.low(0xD3); },
     .terminal = [](Memory m, int lives, int) { return m[0xC7] == 1 && lives == 1; },
     .minimalActions = list<0, 2, 3, 4, 5, 6, 7, 8, 9>,
     .starting = {{kFire, 1}}},
    {.id = "asteroids", .name = "Asteroids", .md5 = "ccbd36746ed4525821a8083b0d6d2c2c",
     .console = {.hmoveBlanks = false},
     .score = [](Memory m) { return 10 * m.decimal(0xBE, 0xBD); },
     .livesKind = Lives::counted, .initialLives = 4, .lives = [](Memory m, int) { return m.high(0xBC); },
     .terminal = noLivesLeft,
     .reward = [](int change) { return change >= 0 ? change : change + 100000; },
     .minimalActions = list<0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15>,
     .difficulties = list<0, 3>,
     .modes = kAsteroidsModes,
     .selectFrames = 2, .inMode = [](Memory m, int mode) { return m[0x80] == mode; }},
    {.id = "atlantis", .name = "Atlantis", .md5 = "9ad36e699ef6f45d9eb6c4cf90475c9f",
     .score = [](Memory m) { return 100 * m.decimal(0xA2, 0xA3, 0xA1); },
     .livesKind = Lives::counted, .initialLives = 6, .lives = [](Memory m, int) { return m[0xF1]; },
     .terminal = [](Memory, int lives, int) { return lives == 0xFF; },
     .freezesScoreAtEnd = true,
     .minimalActions = list<0, 1, 11, 12>,
     .modes = list<0, 1, 2, 3>,
     .selectFrames = 2, .inMode = [](Memory m, int mode) { return m[0x8D] == mode; }},
    {.id = "atlantis2", .name = "Atlantis II", .md5 = "826481f6fc53ea47c9f272f7050eedf7",
     // The original leaves its initial lives undefined; 6 is what the first frame reads.
     .score = [](Memory m) { return m.decimal(0xA1, 0xA2, 0xA3); },
     .livesKind = Lives::counted, .initialLives = 6, .lives = [](Memory m, int) { return m[0xF1]; },
     .terminal = [](Memory, int lives, int) { return lives == 0xFF; },
     .freezesScoreAtEnd = true,
     .minimalActions = list<0, 1, 11, 12>},
    {.id = "bank_heist", .name = "Bank Heist", .md5 = "00ce0bdd43aed84a983bef38fe7f5ee3",
     .score = [](Memory m) { return m.decimal(0xDA, 0xD9, 0xD8); },
     .livesKind = Lives::counted, .initialLives = 5, .lives = [](Memory m, int) { return m[0xD5]; },
     .terminal = [](Memory m, int lives, int) { return m[0xCE] == 1 && lives == 0; },
     .difficulties = list<0, 1, 2, 3>,
     .modes = range<0, 28, 4>,
     .selectFrames = 1, .inMode = [](Memory m, int mode) { return m[0x80] == mode; }},
    {.id = "battle_zone", .name = "Battle Zone", .md5 = "41f252a66c6301f1e8ab3612c19bc5d4",
     .console = {.hmoveBlanks = false},
     .score = battleZoneScore,
     .livesKind = Lives::counted, .initialLives = 5, .lives = [](Memory m, int) { return m.low(0xBA); },
     .terminal = noLivesLeft,
     .modes = list<1, 2, 3>,
     .selectFrames = 2, .inMode = [](Memory m, int mode) { return m[0xA1] == mode; }},
    {.id = "berzerk", .name = "Berzerk", .md5 = "136f75c4dd02c29283752b7e5799f978",
     .score = [](Memory m) { return m.decimal(0xDF, 0xDE, 0xDD); },
     .livesKind = Lives::counted, .initialLives = 3, .lives = [](Memory m, int) { return m[0xDA] + 1; },
     .terminal = [](Memory m, int, int) { return m[0xDA] == 0xFF; },
     .modes = list<1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18>,
     .driveMode = [](int mode, ModeDriver& driver) {
       for (int i = 0; i < 20; ++i) driver.act(kNoop);
       return selectMode(driver, 2, mode, [](Memory m, int wanted) { return m[0x80] == wanted; });
     }},
    {.id = "centipede", .name = "Centipede", .md5 = "91c2098e88a6b13f977af8c003e0bca5",
     .score = [](Memory m) { return m.decimal(0xF6, 0xF5, 0xF4); },
     .livesKind = Lives::counted, .initialLives = 3, .lives = [](Memory m, int) { return (m.high(0xED) & 7) + 1; },
     .terminal = [](Memory m, int, int) { return (m[0xA6] & 0x40) != 0; },
     .reward = [](int change) { return std::max(change, 0); },
     .modes = list<22, 86>,
     .selectFrames = 2, .inMode = [](Memory m, int mode) { return m[0xA7] == mode; }},
    {.id = "crazy_climber", .name = "Crazy Climber", .md5 = "55ef7b65066428367844342ed59f956c",
     .score = [](Memory m) { return 100 * (m[0x82] + 10 * m[0x83] + 100 * m[0x84] + 1000 * m[0x85]); },
     .livesKind = Lives::counted, .initialLives = 5, .lives = [](Memory m, int) { return m[0xAA]; },
     .terminal = noLivesLeft,
     .reward = [](int change) { return std::max(change, 0); },
     .minimalActions = list<0, 2, 3, 4, 5, 6, 7, 8, 9>,
     .difficulties = list<0, 1>,
     .modes = list<0, 1, 2, 3>,
     .selectFrames = 2, .inMode = [](Memory m, int mode) { return m[0x80] == mode; }},
    {.id = "defender", .name = "Defender", .md5 = "0f643c34e40e3f1daafd9c524d3ffe64",
     .score = [](Memory m) { return blankedDigits(m, 0x9C, 6); },
     .livesKind = Lives::counted, .initialLives = 3, .lives = [](Memory m, int) { return m[0xC2]; },
     .terminal = noLivesLeft,
     .difficulties = list<0, 1>,
     .modes = list<1, 2, 3, 4, 5, 6, 7, 8, 9, 16>,
     .selectFrames = 2, .inMode = [](Memory m, int mode) { return m[0x9B] == mode; }},
    {.id = "donkey_kong", .name = "Donkey Kong", .md5 = "36b20c427975760cb9cf4a47e41369e4",
     .score = [](Memory m) { return 100 * m.decimal(0x88, 0x87); },
     .livesKind = Lives::counted, .initialLives = 2, .lives = [](Memory m, int) { return m[0xA3]; },
     .terminal = [](Memory m, int lives, int) { return lives == 0 && m[0x8F] == 3 && m[0x8B] == 0x1F; }},
    {.id = "elevator_action", .name = "Elevator Action", .md5 = "71f8bacfbdca019113f3f0801849057e",
     .score = [](Memory m) { return m.decimal(0x89, 0x88, 0x87); },
     .livesKind = Lives::counted, .initialLives = 4, .lives = [](Memory m, int) { return m[0x83]; },
     .terminal = [](Memory m, int lives, int) { return lives == 0 && m[0x81] != 0; },
     .starting = {{kFire, 16}}},
    {.id = "et", .name = "E.T.", .md5 = "615a3bf251a38eb6638cdc7ffbde5480",
     .score = [](Memory m) { return m.decimal(0xE1, 0xE0, 0xDF); },
     .livesKind = Lives::counted, .initialLives = 0,
     .lives = [](Memory m, int) -> int { return static_cast<int8_t>(m[0xE5] + 1); },
     .terminal = [](Memory m, int lives, int) { return lives == 0 && m[0x80] == 8; },
     .difficulties = list<0, 1, 2, 3>,
     .modes = list<0, 1, 2>,
     .selectFrames = 25, .inMode = [](Memory m, int mode) { return ((m[0xEA] - 1) & 255) == mode; }},
    {.id = "frogger", .name = "Frogger", .md5 = "081e2c114c9c20b61acf25fc95c71bf4",
     .score = [](Memory m) { return m.decimal(0xCE, 0xCC); },
     .livesKind = Lives::counted, .initialLives = 4, .lives = [](Memory m, int) { return m[0xD0]; },
     .terminal = [](Memory, int lives, int) { return lives == 0xFF; },
     .minimalActions = list<0, 2, 3, 4, 5>,
     .difficulties = list<0, 1>,
     .modes = list<0, 1, 2>,
     .selectFrames = 2, .inMode = [](Memory m, int mode) { return m[0xDD] == 1 + 2 * mode; }},
    {.id = "frostbite", .name = "Frostbite", .md5 = "4ca73eb959299471788f0b685c3ba0b5",
     .score = [](Memory m) { return m.decimal(0xCA, 0xC9, 0xC8); },
     .livesKind = Lives::counted, .initialLives = 4, .lives = [](Memory m, int) { return m.low(0xCC) + 1; },
     .terminal = [](Memory m, int, int) { return m.low(0xCC) == 0 && (m[0xF1] & 0x80) != 0; },
     .modes = list<0, 2>,
     .selectFrames = 1, .inMode = [](Memory m, int mode) { return m[0x80] == mode; }},
};

}  // namespace

std::span<const Game> livesGamesAToF() { return kGames; }

}  // namespace trellis::atari
