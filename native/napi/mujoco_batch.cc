#include "napi/handles.h"

namespace trellis::napi {

void registerMujocoBatch(Napi::Env, Napi::Object) {}

}  // namespace trellis::napi
