// Arguments as src/native hands them over: checked there, taken as they are here.
#pragma once

#include <napi.h>

#include <cstdint>

namespace trellis::napi {

// Address of a typed array's first element; null for null and undefined.
template <class Element>
Element* arrayData(Napi::Env env, napi_value value) {
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) return nullptr;
  return static_cast<Element*>(data);
}

template <class Element>
Element* arrayData(const Napi::CallbackInfo& info, size_t index) {
  return arrayData<Element>(info.Env(), info[index]);
}

inline int32_t integer(const Napi::CallbackInfo& info, size_t index) {
  int32_t value = 0;
  napi_get_value_int32(info.Env(), info[index], &value);
  return value;
}

}  // namespace trellis::napi
