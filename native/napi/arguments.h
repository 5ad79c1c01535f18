// The one toolkit of all handles: arguments as src/native hands them over (checked there, taken as they are here), and
// errors with a code that src/native/native-errors.ts turns into its own classes.
#pragma once

#include <napi.h>

#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "parallel/thread_pool.h"

namespace trellis::napi {

// A typed array's elements; empty for null, undefined and anything else.
template <class Element>
std::span<Element> spanOf(Napi::Env env, napi_value value) {
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) return {};
  return {static_cast<Element*>(data), length};
}

template <class Element>
std::span<Element> spanOf(const Napi::CallbackInfo& info, size_t index) {
  return spanOf<Element>(info.Env(), info[index]);
}

// Address of a typed array's first element, of whatever type it is; null for null and undefined.
template <class Element>
Element* arrayData(Napi::Env env, napi_value value) {
  return static_cast<Element*>(static_cast<void*>(spanOf<char>(env, value).data()));
}

template <class Element>
Element* arrayData(const Napi::CallbackInfo& info, size_t index) {
  return arrayData<Element>(info.Env(), info[index]);
}

template <class Element>
Element* arrayData(const Napi::Object& object, const char* name) {
  return arrayData<Element>(object.Env(), object.Get(name));
}

template <class Element>
std::vector<Element> vectorOf(Napi::Env env, napi_value value) {
  const auto elements = spanOf<Element>(env, value);
  return {elements.begin(), elements.end()};
}

// An optional Int32Array: null data for null and undefined, which mean all. An empty one is not "all": it has an address.
struct Selection {
  const int32_t* data;
  int count;
};
inline Selection selection(const Napi::CallbackInfo& info, size_t index) {
  static const int32_t nothing = 0;
  if (!info[index].IsTypedArray()) return {nullptr, 0};
  const auto elements = spanOf<int32_t>(info, index);
  return {elements.empty() ? &nothing : elements.data(), static_cast<int>(elements.size())};
}

inline int32_t integer(const Napi::CallbackInfo& info, size_t index) {
  int32_t value = 0;
  napi_get_value_int32(info.Env(), info[index], &value);
  return value;
}

inline int64_t longInteger(const Napi::CallbackInfo& info, size_t index) {
  int64_t value = 0;
  napi_get_value_int64(info.Env(), info[index], &value);
  return value;
}

inline double real(const Napi::CallbackInfo& info, size_t index) {
  double value = 0;
  napi_get_value_double(info.Env(), info[index], &value);
  return value;
}

inline bool flag(const Napi::CallbackInfo& info, size_t index) {
  bool value = false;
  napi_get_value_bool(info.Env(), info[index], &value);
  return value;
}

inline std::string text(const Napi::CallbackInfo& info, size_t index) { return info[index].As<Napi::String>(); }

// Members of an object, or what they are where there is none.
inline int32_t integer(const Napi::Object& object, const char* name, int32_t otherwise) {
  int32_t value = otherwise;
  napi_get_value_int32(object.Env(), object.Get(name), &value);
  return value;
}

inline float number(const Napi::Object& object, const char* name, float otherwise) {
  double value = otherwise;
  napi_get_value_double(object.Env(), object.Get(name), &value);
  return static_cast<float>(value);
}

inline bool flag(const Napi::Object& object, const char* name) {
  bool value = false;
  napi_get_value_bool(object.Env(), object.Get(name), &value);
  return value;
}

inline std::string text(const Napi::Object& object, const char* name) { return object.Get(name).As<Napi::String>(); }

inline Napi::Array listOf(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array list = Napi::Array::New(env, texts.size());
  for (size_t i = 0; i < texts.size(); i++) list[static_cast<uint32_t>(i)] = texts[i];
  return list;
}

inline Napi::Error codedError(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

// Makes what a handle holds; what the machine refuses comes out with its code.
template <class Make>
auto made(Napi::Env env, Make&& make) {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    throw codedError(env, "ERR_MEMORY", "not enough memory");
  } catch (const parallel::ThreadsUnavailable& error) {
    throw codedError(env, "ERR_PLATFORM", error.what());
  }
}

}  // namespace trellis::napi
