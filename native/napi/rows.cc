// Copies scattered rows between typed arrays, for snapshots of thousands of slots. Short and synchronous.
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "napi/arguments.h"
#include "napi/handles.h"

namespace trellis::napi {
namespace {

// A size that the compiler knows makes each copy one or two instructions.
template <class Copy>
void eachRow(const char* from, const int32_t* rows, char* to, const int32_t* targets, int64_t count, size_t size,
             Copy&& copy) {
  for (int64_t i = 0; i < count; i++)
    copy(to + static_cast<size_t>(targets ? targets[i] : i) * size,
         from + static_cast<size_t>(rows ? rows[i] : i) * size);
}

// (from, rows | null, to, targets | null, count, bytes a row): row rows[i] becomes row targets[i]; null: i
void copyRows(const Napi::CallbackInfo& info) {
  const char* from = arrayData<char>(info, 0);
  const int32_t* rows = arrayData<int32_t>(info, 1);
  char* to = arrayData<char>(info, 2);
  const int32_t* targets = arrayData<int32_t>(info, 3);
  const int64_t count = integer(info, 4);
  const size_t size = static_cast<size_t>(integer(info, 5));
  const auto fixed = [&]<size_t bytes>(std::integral_constant<size_t, bytes>) {
    eachRow(from, rows, to, targets, count, bytes, [](char* a, const char* b) { std::memcpy(a, b, bytes); });
  };
  if (size == 1) fixed(std::integral_constant<size_t, 1>());
  else if (size == 4) fixed(std::integral_constant<size_t, 4>());
  else if (size == 8) fixed(std::integral_constant<size_t, 8>());
  else eachRow(from, rows, to, targets, count, size, [size](char* a, const char* b) { std::memcpy(a, b, size); });
}

}  // namespace

void registerRows(Napi::Env env, Napi::Object exports) {
  exports.Set("copyRows", Napi::Function::New<copyRows>(env, "copyRows"));
}

}  // namespace trellis::napi
