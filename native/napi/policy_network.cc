#include "napi/handles.h"

namespace trellis::napi {

void registerPolicyNetwork(Napi::Env, Napi::Object) {}

}  // namespace trellis::napi
