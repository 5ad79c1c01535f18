#include "napi/handles.h"

namespace trellis::napi {

void registerPlatform(Napi::Env, Napi::Object) {}

}  // namespace trellis::napi
