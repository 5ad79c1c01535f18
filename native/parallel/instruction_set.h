// Which vector instructions the kernels of random and network use, found when the program runs.
#pragma once

namespace trellis::parallel {

enum class InstructionSet { scalar, avx2, avx512, neon };

// What this processor (and this build) offers at best.
InstructionSet bestInstructionSet();

// What is used: the best, unless the environment variable TRELLIS_SIMD asks for another that is available
// (scalar, avx2, avx512, neon). Read once.
InstructionSet instructionSet();

bool available(InstructionSet set);
const char* name(InstructionSet set);

}  // namespace trellis::parallel
