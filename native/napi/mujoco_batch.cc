// The handle of a batch of MuJoCo simulations. Arguments arrive valid; slots are sorted and unique.
#include "mujoco/batch.h"
#include "mujoco/kernels/planar.h"

#include <napi.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "napi/arguments.h"
#include "napi/handles.h"
#include "napi/mujoco_model.h"
#include "napi/reported_memory.h"
#include "napi/shared_views.h"

namespace trellis::napi {
namespace {

// What the views keep alive. close() empties it at once when no view can be reached any more.
struct BatchOwner {
  std::unique_ptr<mujoco::Batch> batch;
};

class MujocoBatchHandle : public Napi::ObjectWrap<MujocoBatchHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "MujocoBatchHandle",
        {InstanceMethod("describe", &MujocoBatchHandle::describe),
         InstanceMethod("component", &MujocoBatchHandle::component),
         InstanceMethod("isFast", &MujocoBatchHandle::isFast),
         InstanceMethod("keepsFast", &MujocoBatchHandle::keepsFast),
         InstanceMethod("output", &MujocoBatchHandle::output), InstanceMethod("gather", &MujocoBatchHandle::gather),
         InstanceMethod("refresh", &MujocoBatchHandle::refresh), InstanceMethod("expand", &MujocoBatchHandle::expand),
         InstanceMethod("step", &MujocoBatchHandle::step), InstanceMethod("forward", &MujocoBatchHandle::forward),
         InstanceMethod("reset", &MujocoBatchHandle::reset),
         InstanceMethod("setConstants", &MujocoBatchHandle::setConstants),
         InstanceMethod("save", &MujocoBatchHandle::save), InstanceMethod("restore", &MujocoBatchHandle::restore),
         InstanceMethod("errorText", &MujocoBatchHandle::errorText),
         InstanceMethod("close", &MujocoBatchHandle::close)});
  }

  // new (model, slots, threads, persistent, external, name of a row kernel or "")
  explicit MujocoBatchHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MujocoBatchHandle>(info) {
    std::string error;
    const auto* model = MujocoModelHandle::Unwrap(info[0].As<Napi::Object>());
    owner_ = std::make_shared<BatchOwner>();
    const std::string kernelName = text(info, 5);
    std::unique_ptr<mujoco::RowKernel> kernel;
    if (!kernelName.empty()) {
      kernel = mujoco::makeRowKernel(kernelName, model->model()->get(), error);
      if (!kernel) throw codedError(info.Env(), "ERR_MODEL", error);
    }
    owner_->batch = made(info.Env(), [&] {
      return mujoco::Batch::make(model->model(), integer(info, 1), integer(info, 2), flag(info, 3), error,
                                 std::move(kernel));
    });
    if (!owner_->batch) throw codedError(info.Env(), "ERR_MODEL", "MuJoCo cannot make the batch: " + error);
    views_ = std::make_unique<SharedViews>(owner_, flag(info, 4));
    memory_.report(info.Env(), batch().memory());
  }

  void Finalize(Napi::BasicEnv env) override { memory_.release(env); }

 private:
  mujoco::Batch& batch() { return *owner_->batch; }

  Napi::Value describe(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    mujoco::Batch& b = batch();
    const size_t slots = static_cast<size_t>(b.slots());
    Napi::Object result = Napi::Object::New(env);
    result["stateSize"] = b.stateSize();
    result["threads"] = b.threads();
    result["states"] =
        views_->buffer(env, b.states(), slots * static_cast<size_t>(b.stateSize()) * sizeof(mjtNum), true);
    result["faults"] = views_->buffer(env, b.faults(), slots, false);
    result["warningCounts"] = views_->buffer(env, b.warningCounts(), slots * mjNWARNING * sizeof(int32_t), true);
    result["copies"] = views_->copies();
    return result;
  }

  Napi::Value component(const Napi::CallbackInfo& info) {
    int size = 0;
    const int64_t offset = batch().componentOffset(integer(info, 0), &size);
    Napi::Array pair = Napi::Array::New(info.Env(), 2);
    pair[0u] = static_cast<double>(offset);
    pair[1u] = size;
    return pair;
  }

  Napi::Value isFast(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), batch().fast()); }

  // (name): whether steps stay fast with this output
  Napi::Value keepsFast(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), batch().keepsFast(text(info, 0)));
  }

  // (name, bytes an element): the buffer, or null for a name that is no output
  Napi::Value output(const Napi::CallbackInfo& info) {
    const std::string name = text(info, 0);
    mujoco::Table table;
    if (!batch().output(name.c_str(), table)) return info.Env().Null();
    return tableBuffer(info, table, false);
  }

  // ([[state component or 0, output name, first, count], …]): the buffer of floats
  Napi::Value gather(const Napi::CallbackInfo& info) {
    const Napi::Array list = info[0].As<Napi::Array>();
    std::vector<mujoco::Batch::Column> columns;
    for (uint32_t i = 0; i < list.Length(); i++) {
      const Napi::Array column = Napi::Value(list[i]).As<Napi::Array>();
      const auto number = [&](uint32_t at) { return Napi::Value(column[at]).As<Napi::Number>().Int32Value(); };
      columns.push_back({number(0), Napi::Value(column[1u]).As<Napi::String>(), number(2), number(3)});
    }
    mujoco::Table table;
    if (!batch().gather(columns, table)) return info.Env().Null();
    const size_t bytes = static_cast<size_t>(batch().slots()) * static_cast<size_t>(table.size) * sizeof(float);
    memory_.add(info.Env(), static_cast<int64_t>(bytes));
    return views_->buffer(info.Env(), table.data, bytes, true);
  }

  // (slots | null)
  Napi::Value refresh(const Napi::CallbackInfo& info) {
    const Selection slots = selection(info, 0);
    views_->beforeCall();
    batch().refresh(slots.data, slots.count);
    views_->afterCall();
    return info.Env().Undefined();
  }

  // (name, bytes an element): the buffer, or null for a name that cannot be expanded
  Napi::Value expand(const Napi::CallbackInfo& info) {
    const std::string name = text(info, 0);
    mujoco::Table table;
    std::string error;
    views_->beforeCall();
    const bool known = batch().expand(name.c_str(), table, error);
    if (!error.empty()) throw Napi::Error::New(info.Env(), error);
    return known ? tableBuffer(info, table, true) : info.Env().Null();
  }

  Napi::Value tableBuffer(const Napi::CallbackInfo& info, const mujoco::Table& table, bool writable) {
    const size_t elementBytes = static_cast<size_t>(integer(info, 1));
    const size_t bytes = static_cast<size_t>(batch().slots()) * static_cast<size_t>(table.size) * elementBytes;
    memory_.add(info.Env(), static_cast<int64_t>(bytes));
    return views_->buffer(info.Env(), table.data, bytes, writable);
  }

  template <class Call>
  Napi::Value run(const Napi::CallbackInfo& info, Call&& call) {
    std::string error;
    views_->beforeCall();
    const int faulty = call(error);
    views_->afterCall();
    if (faulty < 0) throw Napi::Error::New(info.Env(), error);
    return Napi::Number::New(info.Env(), faulty);
  }

  // (slots | null, substeps, stage); -1 - (slot * nu + index) for a control that is not finite
  Napi::Value step(const Napi::CallbackInfo& info) {
    const Selection slots = selection(info, 0);
    const int substeps = integer(info, 1);
    const int stage = integer(info, 2);
    if (views_->copies()) views_->beforeCall();
    const int64_t bad = batch().findBadControl(slots.data, slots.count);
    if (bad >= 0) return Napi::Number::New(info.Env(), static_cast<double>(-1 - bad));
    return run(info, [&](std::string& error) { return batch().step(slots.data, slots.count, substeps, stage, error); });
  }

  // (slots | null, stage)
  Napi::Value forward(const Napi::CallbackInfo& info) {
    const Selection slots = selection(info, 0);
    const int stage = integer(info, 1);
    return run(info, [&](std::string& error) { return batch().forward(slots.data, slots.count, stage, error); });
  }

  // (slots | null, keyframes | null, stage)
  Napi::Value reset(const Napi::CallbackInfo& info) {
    const Selection slots = selection(info, 0);
    const int32_t* keyframes = arrayData<int32_t>(info, 1);
    const int stage = integer(info, 2);
    return run(info,
               [&](std::string& error) { return batch().reset(slots.data, slots.count, keyframes, stage, error); });
  }

  // (slots | null)
  Napi::Value setConstants(const Napi::CallbackInfo& info) {
    const Selection slots = selection(info, 0);
    return run(info, [&](std::string& error) { return batch().setConstants(slots.data, slots.count, error); });
  }

  // (slots, rows: Float64Array [slots x stateSize])
  Napi::Value save(const Napi::CallbackInfo& info) {
    const Selection slots = selection(info, 0);
    views_->beforeCall();
    batch().save(slots.data, slots.count, arrayData<double>(info, 1));
    return info.Env().Undefined();
  }

  // (source: Float64Array, slots, rows | null, stage)
  Napi::Value restore(const Napi::CallbackInfo& info) {
    const double* source = arrayData<double>(info, 0);
    const Selection slots = selection(info, 1);
    const int32_t* rows = arrayData<int32_t>(info, 2);
    const int stage = integer(info, 3);
    return run(
        info, [&](std::string& error) { return batch().restore(source, slots.data, rows, slots.count, stage, error); });
  }

  Napi::Value errorText(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), batch().errorText(integer(info, 0)));
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    if (owner_ && views_->detachAll()) owner_->batch.reset();
    owner_.reset();
    memory_.release(info.Env());
    return info.Env().Undefined();
  }

  std::shared_ptr<BatchOwner> owner_;
  std::unique_ptr<SharedViews> views_;
  ReportedMemory memory_;
};

}  // namespace

void registerMujocoBatch(Napi::Env env, Napi::Object exports) {
  registerMujocoModel(env, exports);
  mujoco::registerRowKernel("planar", mujoco::PlanarBodies::make);
  exports["MujocoBatchHandle"] = MujocoBatchHandle::define(env);
}

}  // namespace trellis::napi
