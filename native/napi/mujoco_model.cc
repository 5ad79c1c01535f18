// The handle of a MuJoCo model: loading, a description as plain data, copies of its arrays.
#include "napi/mujoco_model.h"

#include <cstring>
#include <string>
#include <vector>

#include "mujoco/error_trap.h"
#include "mujoco/row_kernel.h"
#include "napi/arguments.h"
#include "napi/handles.h"

namespace trellis::napi {
namespace {

const char* typeName(mujoco::ElementType type) {
  switch (type) {
    case mujoco::ElementType::float64:
      return "float64";
    case mujoco::ElementType::float32:
      return "float32";
    case mujoco::ElementType::uint8:
      return "uint8";
    default:
      return "int32";
  }
}

struct Kind {
  const char* name;
  int type;
  int count;
};

Napi::Array namesOf(Napi::Env env, const mjModel* model, const Kind& kind) {
  Napi::Array names = Napi::Array::New(env, static_cast<size_t>(kind.count));
  for (int i = 0; i < kind.count; i++) {
    const char* name = mj_id2name(model, kind.type, i);
    names[static_cast<uint32_t>(i)] = Napi::String::New(env, name ? name : "");
  }
  return names;
}

Napi::Object shapeOf(Napi::Env env, mujoco::ElementType type, int64_t rows, int64_t columns) {
  Napi::Object shape = Napi::Object::New(env);
  shape["type"] = typeName(type);
  shape["rows"] = static_cast<double>(rows);
  shape["columns"] = static_cast<double>(columns);
  return shape;
}

// (folder): the names of all plugins that are loaded then
Napi::Value loadPlugins(const Napi::CallbackInfo& info) {
  mujoco::loadPlugins(text(info, 0));
  return listOf(info.Env(), mujoco::pluginNames());
}

Napi::Value rowKernels(const Napi::CallbackInfo& info) { return listOf(info.Env(), mujoco::rowKernelNames()); }

Napi::Value takeMessages(const Napi::CallbackInfo& info) { return listOf(info.Env(), mujoco::takeWarnings()); }

}  // namespace

Napi::Function MujocoModelHandle::define(Napi::Env env) {
  return DefineClass(
      env, "MujocoModelHandle",
      {InstanceMethod("describe", &MujocoModelHandle::describe), InstanceMethod("field", &MujocoModelHandle::field),
       InstanceMethod("rowKernel", &MujocoModelHandle::rowKernel),
       InstanceMethod("dataBytes", &MujocoModelHandle::dataBytes),
       InstanceMethod("contents", &MujocoModelHandle::contents), InstanceMethod("close", &MujocoModelHandle::close)});
}

MujocoModelHandle::MujocoModelHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MujocoModelHandle>(info) {
  std::string error;
  const std::string source = text(info, 0);
  const int jacobian = integer(info, 4);
  if (flag(info, 1)) {
    model_ = mujoco::Model::fromFile(source, jacobian, error);
  } else {
    std::vector<mujoco::Asset> assets;
    const Napi::Array list = info[3].As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      const Napi::Array pair = list.Get(i).As<Napi::Array>();
      const auto data = spanOf<unsigned char>(info.Env(), pair.Get(1u));
      assets.push_back({pair.Get(0u).As<Napi::String>(), data.data(), static_cast<int>(data.size())});
    }
    model_ = mujoco::Model::fromXml(source, text(info, 2), assets, jacobian, error);
  }
  if (!model_) throw codedError(info.Env(), "ERR_MODEL", error);
  memory_.report(info.Env(), static_cast<int64_t>(model_->get()->nbuffer));
}

void MujocoModelHandle::release(Napi::BasicEnv env) {
  model_.reset();
  memory_.release(env);
}

void MujocoModelHandle::Finalize(Napi::BasicEnv env) { release(env); }

Napi::Value MujocoModelHandle::describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const mjModel* m = model_->get();
  Napi::Object result = Napi::Object::New(env);

  Napi::Object sizes = Napi::Object::New(env);
  for (const auto& [name, size] : mujoco::modelSizes(m)) sizes[name] = static_cast<double>(size);
  result["sizes"] = sizes;

  const Kind kinds[] = {
      {"body", mjOBJ_BODY, static_cast<int>(m->nbody)},
      {"joint", mjOBJ_JOINT, static_cast<int>(m->njnt)},
      {"geom", mjOBJ_GEOM, static_cast<int>(m->ngeom)},
      {"site", mjOBJ_SITE, static_cast<int>(m->nsite)},
      {"camera", mjOBJ_CAMERA, static_cast<int>(m->ncam)},
      {"light", mjOBJ_LIGHT, static_cast<int>(m->nlight)},
      {"tendon", mjOBJ_TENDON, static_cast<int>(m->ntendon)},
      {"equality", mjOBJ_EQUALITY, static_cast<int>(m->neq)},
      {"actuator", mjOBJ_ACTUATOR, static_cast<int>(m->nactuator)},
      {"sensor", mjOBJ_SENSOR, static_cast<int>(m->nsensor)},
      {"mesh", mjOBJ_MESH, static_cast<int>(m->nmesh)},
      {"material", mjOBJ_MATERIAL, static_cast<int>(m->nmat)},
      {"texture", mjOBJ_TEXTURE, static_cast<int>(m->ntex)},
      {"hfield", mjOBJ_HFIELD, static_cast<int>(m->nhfield)},
      {"flex", mjOBJ_FLEX, static_cast<int>(m->nflex)},
      {"skin", mjOBJ_SKIN, static_cast<int>(m->nskin)},
      {"pair", mjOBJ_PAIR, static_cast<int>(m->npair)},
      {"exclude", mjOBJ_EXCLUDE, static_cast<int>(m->nexclude)},
      {"text", mjOBJ_TEXT, static_cast<int>(m->ntext)},
      {"tuple", mjOBJ_TUPLE, static_cast<int>(m->ntuple)},
      {"plugin", mjOBJ_PLUGIN, static_cast<int>(m->nplugin)},
      {"numeric", mjOBJ_NUMERIC, static_cast<int>(m->nnumeric)},
      {"key", mjOBJ_KEY, static_cast<int>(m->nkey)},
  };
  Napi::Object names = Napi::Object::New(env);
  for (const Kind& kind : kinds) names[kind.name] = namesOf(env, m, kind);
  result["names"] = names;

  Napi::Object modelFields = Napi::Object::New(env);
  for (const mujoco::ModelField& field : mujoco::modelFields(m))
    modelFields[field.name] = shapeOf(env, field.type, field.rows, field.columns);
  result["modelFields"] = modelFields;

  Napi::Object dataFields = Napi::Object::New(env);
  for (const mujoco::DataField& field : mujoco::dataFields(m)) {
    Napi::Object shape = shapeOf(env, field.type, field.rows, field.columns);
    shape["component"] = field.stateComponent;
    dataFields[field.name] = shape;
  }
  result["dataFields"] = dataFields;

  result["warnings"] = model_->compilerWarnings();
  result["mujocoVersion"] = mj_versionString();
  return result;
}

Napi::Value MujocoModelHandle::field(const Napi::CallbackInfo& info) {
  const std::string name = text(info, 0);
  for (const mujoco::ModelField& field : mujoco::modelFields(model_->get())) {
    if (name != field.name) continue;
    const size_t bytes = static_cast<size_t>(field.rows * field.columns) * mujoco::elementBytes(field.type);
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(info.Env(), bytes);
    if (bytes) std::memcpy(buffer.Data(), field.data, bytes);
    return buffer;
  }
  return info.Env().Null();
}

Napi::Value MujocoModelHandle::rowKernel(const Napi::CallbackInfo& info) {
  std::string problem;
  const auto kernel = mujoco::makeRowKernel(text(info, 0), model_->get(), problem);
  if (!kernel) throw codedError(info.Env(), "ERR_MODEL", problem);
  Napi::Object outputs = Napi::Object::New(info.Env());
  for (const mujoco::RowKernel::Output& output : kernel->outputs()) {
    Napi::Object shape = shapeOf(info.Env(), mujoco::ElementType::float64, output.rows, output.columns);
    shape["component"] = 0;
    outputs[output.name] = shape;
  }
  return outputs;
}

Napi::Value MujocoModelHandle::dataBytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(model_->dataBytes()));
}

Napi::Value MujocoModelHandle::contents(const Napi::CallbackInfo& info) {
  const std::vector<unsigned char> bytes = model_->contents();
  return Napi::Buffer<unsigned char>::Copy(info.Env(), bytes.data(), bytes.size());
}

Napi::Value MujocoModelHandle::close(const Napi::CallbackInfo& info) {
  release(info.Env());
  return info.Env().Undefined();
}

void registerMujocoModel(Napi::Env env, Napi::Object exports) {
  mujoco::installLogHandler();
  exports["MujocoModelHandle"] = MujocoModelHandle::define(env);
  exports["loadMujocoPlugins"] = Napi::Function::New(env, loadPlugins);
  exports["mujocoRowKernels"] = Napi::Function::New(env, rowKernels);
  exports["takeMujocoWarnings"] = Napi::Function::New(env, takeMessages);
}

}  // namespace trellis::napi
