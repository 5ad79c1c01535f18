// The export table: one line per JavaScript handle or function group, each defined in napi/.
#include <napi.h>

#include "napi/handles.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  trellis::napi::registerPlatform(env, exports);
  trellis::napi::registerNoise(env, exports);
  trellis::napi::registerRows(env, exports);
  trellis::napi::registerFileLock(env, exports);
  trellis::napi::registerPolicyNetwork(env, exports);
  trellis::napi::registerAtariBatch(env, exports);
#ifdef TRELLIS_WITH_MUJOCO
  trellis::napi::registerMujocoBatch(env, exports);
#endif
  return exports;
}

NODE_API_MODULE(trellis, init)
