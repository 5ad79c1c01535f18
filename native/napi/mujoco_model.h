#pragma once

#include <napi.h>

#include <memory>

#include "mujoco/model.h"
#include "napi/reported_memory.h"

namespace trellis::napi {

// JavaScript handle of a compiled model. Batches keep the model alive on their own.
class MujocoModelHandle : public Napi::ObjectWrap<MujocoModelHandle> {
 public:
  static Napi::Function define(Napi::Env env);
  // new (path or xml, is a path, directory, assets: [name, Uint8Array][], jacobian)
  explicit MujocoModelHandle(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;
  const std::shared_ptr<mujoco::Model>& model() const { return model_; }

 private:
  Napi::Value describe(const Napi::CallbackInfo& info);
  Napi::Value field(const Napi::CallbackInfo& info);
  // (name): the outputs of a row kernel for this model
  Napi::Value rowKernel(const Napi::CallbackInfo& info);
  Napi::Value dataBytes(const Napi::CallbackInfo& info);
  Napi::Value contents(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  void release(Napi::BasicEnv env);
  std::shared_ptr<mujoco::Model> model_;
  ReportedMemory memory_;
};

}  // namespace trellis::napi
