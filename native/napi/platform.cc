// What the addon runs on and was built with, for run records and `trellis doctor`.
#include <string>
#include <thread>
#include <vector>

#include "napi/arguments.h"
#include "napi/handles.h"
#include "parallel/instruction_set.h"
#ifdef TRELLIS_WITH_MUJOCO
#include <mujoco/mujoco.h>
#endif

namespace trellis::napi {
namespace {

using parallel::InstructionSet;

Napi::Value platform(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object result = Napi::Object::New(env);
  result.Set("instructionSet", parallel::name(parallel::instructionSet()));
  std::vector<std::string> sets;
  for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
    if (parallel::available(set)) sets.emplace_back(parallel::name(set));
  }
  result.Set("availableInstructionSets", listOf(env, sets));
  result.Set("cores", std::thread::hardware_concurrency());
#ifdef TRELLIS_WITH_MUJOCO
  result.Set("mujoco", mj_versionString());
#else
  result.Set("mujoco", env.Null());
#endif
  return result;
}

}  // namespace

void registerPlatform(Napi::Env env, Napi::Object exports) {
  exports.Set("version", TRELLIS_VERSION);
  exports.Set("platform", Napi::Function::New<platform>(env, "platform"));
}

}  // namespace trellis::napi
