#include "napi/handles.h"

namespace trellis::napi {

void registerNoise(Napi::Env, Napi::Object) {}

}  // namespace trellis::napi
