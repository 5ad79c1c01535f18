#include "napi/handles.h"

namespace trellis::napi {

void registerAtariBatch(Napi::Env, Napi::Object) {}

}  // namespace trellis::napi
