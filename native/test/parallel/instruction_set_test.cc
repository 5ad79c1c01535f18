#include "parallel/instruction_set.h"

#include <gtest/gtest.h>

namespace trellis::parallel {
namespace {

TEST(InstructionSet, ScalarAndTheBestAreAvailable) {
  EXPECT_TRUE(available(InstructionSet::scalar));
  EXPECT_TRUE(available(bestInstructionSet()));
  EXPECT_TRUE(available(instructionSet()));
  EXPECT_FALSE(available(InstructionSet::avx2) && available(InstructionSet::neon));
}

}  // namespace
}  // namespace trellis::parallel
