// The export table: one line per JavaScript handle or function group, each defined in napi/.
#include <napi.h>

#ifdef _WIN32
#include <windows.h>
#endif

#include "napi/handles.h"

// A worker of Node unloads its addons when it ends, which on Windows happens before the thread's own variables end (those
// of parallel/thread_pool.cc would wait for ever): so the addon stays loaded.
static void stayLoaded() {
#ifdef _WIN32
  HMODULE self;
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     reinterpret_cast<const char*>(&stayLoaded), &self);
#endif
}

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  stayLoaded();
  trellis::napi::registerPlatform(env, exports);
  trellis::napi::registerNoise(env, exports);
  trellis::napi::registerRows(env, exports);
  trellis::napi::registerFileLock(env, exports);
  trellis::napi::registerMpi(env, exports);
  trellis::napi::registerNetwork(env, exports);
  trellis::napi::registerAtariBatch(env, exports);
#ifdef TRELLIS_WITH_MUJOCO
  trellis::napi::registerMujocoBatch(env, exports);
#endif
  return exports;
}

NODE_API_MODULE(trellis, init)
