// Typed arrays over native memory. Each storage has one ArrayBuffer, made once; it keeps the memory alive, so no order
// of close(), garbage collection and environment teardown leaves JavaScript with a dangling pointer. Where external
// buffers are not allowed, ordinary ArrayBuffers are used and copied around every call.
#pragma once

#include <napi.h>

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace trellis::napi {

class SharedViews {
 public:
  // owner: what the memory belongs to; released when the last buffer is gone. external = false: always copy.
  SharedViews(std::shared_ptr<void> owner, bool external) : owner_(std::move(owner)), external_(external) {}

  // The ArrayBuffer over [data, data + bytes). The same data gives the same buffer. `writable`: JavaScript may write.
  Napi::ArrayBuffer buffer(Napi::Env env, void* data, size_t bytes, bool writable) {
    for (View& view : views_)
      if (view.data == data && data != nullptr) return view.buffer.Value();
    Napi::ArrayBuffer made = bytes == 0 ? Napi::ArrayBuffer::New(env, 0) : make(env, data, bytes);
    views_.push_back({data, bytes, writable, Napi::Persistent(made)});
    return made;
  }

  bool copies() const { return !external_; }

  // Around every native call, where buffers are copies.
  void beforeCall() {
    if (external_) return;
    for (View& view : views_) {
      Napi::ArrayBuffer buffer = view.buffer.Value();
      if (view.writable && !isTaken(view, buffer)) std::memcpy(view.data, buffer.Data(), view.bytes);
    }
  }
  void afterCall() {
    if (external_) return;
    for (View& view : views_) {
      Napi::ArrayBuffer buffer = view.buffer.Value();
      if (!isTaken(view, buffer)) std::memcpy(buffer.Data(), view.data, view.bytes);
    }
  }

  // Detaches every buffer. True if nothing in JavaScript can reach the memory any more; false if a buffer had been
  // taken over by someone (ArrayBuffer.prototype.transfer), who then keeps the memory alive.
  bool detachAll() {
    bool unreachable = true;
    for (View& view : views_) {
      Napi::ArrayBuffer buffer = view.buffer.Value();
      if (buffer.IsDetached()) {
        unreachable = unreachable && !external_;
      } else {
        buffer.Detach();
        unreachable = unreachable && (!external_ || buffer.IsDetached());
      }
    }
    views_.clear();
    owner_.reset();
    return unreachable;
  }

 private:
  struct View {
    void* data;
    size_t bytes;
    bool writable;
    Napi::Reference<Napi::ArrayBuffer> buffer;
  };

  // Transferred away by JavaScript, or empty. Node refuses to transfer external buffers between threads by itself;
  // marking them untransferable as well would make them undetachable.
  static bool isTaken(const View& view, Napi::ArrayBuffer buffer) {
    return view.bytes == 0 || buffer.ByteLength() != view.bytes;
  }

  Napi::ArrayBuffer make(Napi::Env env, void* data, size_t bytes) {
    if (external_) {
      auto* held = new std::shared_ptr<void>(owner_);
      const auto release = [](napi_env, void*, void* hint) { delete static_cast<std::shared_ptr<void>*>(hint); };
      napi_value value = nullptr;
      const napi_status status = napi_create_external_arraybuffer(env, data, bytes, release, held, &value);
      if (status == napi_ok) return Napi::ArrayBuffer(env, value);
      delete held;
      if (status != napi_no_external_buffers_allowed) throw Napi::Error::New(env);
      external_ = false;
    }
    Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, bytes);
    std::memcpy(copy.Data(), data, bytes);
    return copy;
  }

  std::shared_ptr<void> owner_;
  bool external_;
  std::vector<View> views_;
};

}  // namespace trellis::napi
