// The handle of a lock file; let go when it is collected and when its worker thread ends, too.
#include "files/file_lock.h"

#include "napi/arguments.h"
#include "napi/handles.h"

namespace trellis::napi {
namespace {

class FileLockHandle : public Napi::ObjectWrap<FileLockHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "FileLockHandle",
                       {InstanceMethod("take", &FileLockHandle::take), InstanceMethod("write", &FileLockHandle::write),
                        InstanceMethod("release", &FileLockHandle::release)});
  }
  explicit FileLockHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FileLockHandle>(info) {}

 private:
  // (path) → 0 taken, -1 busy, -2 unsupported, else the system's error number
  Napi::Value take(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), lock_.take(text(info, 0))); }
  Napi::Value write(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), lock_.write(text(info, 0)));
  }
  void release(const Napi::CallbackInfo& info) { lock_.release(flag(info, 0)); }

  files::FileLock lock_;
};

}  // namespace

void registerFileLock(Napi::Env env, Napi::Object exports) {
  exports.Set("FileLockHandle", FileLockHandle::define(env));
}

}  // namespace trellis::napi
