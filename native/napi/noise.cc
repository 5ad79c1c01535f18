// Counter-based draws into the caller's arrays. Short and synchronous: called at every step of a sampler.
#include "random/noise.h"

#include "napi/arguments.h"
#include "napi/handles.h"

namespace trellis::napi {
namespace {

// (keys, times, rows, dimensions, out)
template <auto function>
void noise(const Napi::CallbackInfo& info) {
  function(arrayData<uint32_t>(info, 0), arrayData<int32_t>(info, 1), integer(info, 2), integer(info, 3),
           arrayData<double>(info, 4));
}

// (parameters, keys, times, rows, dimensions, actions, logQ)
void gaussian(const Napi::CallbackInfo& info) {
  random::sampleGaussian(arrayData<float>(info, 0), arrayData<uint32_t>(info, 1), arrayData<int32_t>(info, 2),
                         integer(info, 3), integer(info, 4), arrayData<float>(info, 5), arrayData<float>(info, 6));
}

// (parameters, keys, times, rows, sizes, factors, actions, logQ)
void categorical(const Napi::CallbackInfo& info) {
  random::sampleCategorical(arrayData<float>(info, 0), arrayData<uint32_t>(info, 1), arrayData<int32_t>(info, 2),
                            integer(info, 3), arrayData<int32_t>(info, 4), integer(info, 5),
                            arrayData<int32_t>(info, 6), arrayData<float>(info, 7));
}

}  // namespace

void registerNoise(Napi::Env env, Napi::Object exports) {
  exports.Set("uniformNoise", Napi::Function::New<noise<random::uniformNoise>>(env, "uniformNoise"));
  exports.Set("normalNoise", Napi::Function::New<noise<random::normalNoise>>(env, "normalNoise"));
  exports.Set("sampleGaussian", Napi::Function::New<gaussian>(env, "sampleGaussian"));
  exports.Set("sampleCategorical", Napi::Function::New<categorical>(env, "sampleCategorical"));
}

}  // namespace trellis::napi
