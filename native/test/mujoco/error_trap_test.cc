#include "mujoco/error_trap.h"

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <filesystem>
#include <thread>

namespace trellis::mujoco {
namespace {

TEST(ErrorTrap, ReturnsTheTextOfAnError) {
  std::string error;
  EXPECT_FALSE(runTrapped([] { mju_error("bad thing %d", 7); }, error));
  EXPECT_EQ(error, "bad thing 7");
  EXPECT_TRUE(runTrapped([] {}, error));
}

TEST(ErrorTrap, InnerTrapsLeaveOuterOnesInPlace) {
  std::string outer, inner;
  EXPECT_FALSE(runTrapped(
      [&] {
        EXPECT_FALSE(runTrapped([] { mju_error("inner"); }, inner));
        mju_error("outer");
      },
      outer));
  EXPECT_EQ(inner, "inner");
  EXPECT_EQ(outer, "outer");
}

TEST(ErrorTrap, ThreadsHaveTrapsOfTheirOwn) {
  std::string here;
  EXPECT_FALSE(runTrapped(
      [] {
        std::thread([] {
          std::string there;
          EXPECT_FALSE(runTrapped([] { mju_error("there"); }, there));
          EXPECT_EQ(there, "there");
        }).join();
        mju_error("here");
      },
      here));
  EXPECT_EQ(here, "here");
}

TEST(ErrorTrap, KeepsTheNewestWarningsAndWritesNoFile) {
  installLogHandler();
  takeWarnings();
  for (int i = 0; i < 150; i++) mju_warning("number %d", i);
  const std::vector<std::string> warnings = takeWarnings();
  ASSERT_EQ(warnings.size(), 100u);
  EXPECT_EQ(warnings.front(), "number 50");
  EXPECT_EQ(warnings.back(), "number 149");
  EXPECT_TRUE(takeWarnings().empty());
  EXPECT_FALSE(std::filesystem::exists("MUJOCO_LOG.TXT"));
}

}  // namespace
}  // namespace trellis::mujoco
