// MPI for JavaScript: one library a process, whose calls run on Node's thread pool and return promises.
#include "mpi/library.h"

#include <functional>
#include <memory>

#include "napi/arguments.h"
#include "napi/handles.h"

namespace trellis::napi {
namespace {

// A job is left once a process, and its library stays loaded: so this outlives all workers of Node.
std::unique_ptr<mpi::Library>& library() {
  static auto* loaded = new std::unique_ptr<mpi::Library>();
  return *loaded;
}

// Where Node lets no thread of its pool wait for ever, neither do calls in flight: see `interrupt`.
class Exchange : public Napi::AsyncWorker {
 public:
  Exchange(const Napi::CallbackInfo& info, std::function<void(mpi::Library&)> body)
      : Napi::AsyncWorker(info.Env()), deferred_(info.Env()), body_(std::move(body)) {
    Napi::Array held = Napi::Array::New(info.Env());
    for (uint32_t i = 0; i < info.Length(); ++i) held.Set(i, info[i]);
    held_ = Napi::Persistent(held.As<Napi::Object>());
  }
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      body_(*library());
    } catch (const mpi::Interrupted&) {
      interrupted_ = true;
      throw;
    }
  }
  void OnOK() override { deferred_.Resolve(Env().Undefined()); }
  void OnError(const Napi::Error& error) override {
    error.Set("code", Napi::String::New(Env(), interrupted_ ? "ERR_ABORTED" : "ERR_MPI"));
    deferred_.Reject(error.Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::function<void(mpi::Library&)> body_;
  Napi::ObjectReference held_;
  bool interrupted_ = false;
};

Napi::Value later(const Napi::CallbackInfo& info, std::function<void(mpi::Library&)> body) {
  auto* exchange = new Exchange(info, std::move(body));
  exchange->Queue();
  return exchange->promise();
}

template <class Body>
auto coded(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const mpi::MpiError& error) {
    throw codedError(env, "ERR_MPI", error.what());
  }
}

// (file) → { interface, version }
Napi::Value open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return coded(env, [&] {
    auto opened = std::make_unique<mpi::Library>(text(info, 0));
    const char* names[] = {"standard", "Open MPI", "MPICH"};
    Napi::Object found = Napi::Object::New(env);
    found.Set("interface", names[static_cast<int>(opened->interface())]);
    found.Set("version", opened->version());
    library() = std::move(opened);
    return found;
  });
}

// () → { rank, size }
Napi::Value init(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return coded(env, [&] {
    library()->init();
    Napi::Object job = Napi::Object::New(env);
    job.Set("rank", library()->rank());
    job.Set("size", library()->size());
    return job;
  });
}

// (bytes, root)
Napi::Value broadcast(const Napi::CallbackInfo& info) {
  const auto bytes = spanOf<char>(info, 0);
  return later(info, [bytes, root = integer(info, 1)](mpi::Library& mpi) {
    mpi.broadcast(bytes.data(), static_cast<int>(bytes.size()), root);
  });
}

// (bytes, counts of all ranks, out)
Napi::Value allGather(const Napi::CallbackInfo& info) {
  return later(info, [bytes = arrayData<char>(info, 0), counts = vectorOf<int>(info.Env(), info[1]),
                      out = arrayData<char>(info, 2)](mpi::Library& mpi) { mpi.allGather(bytes, counts, out); });
}

// (bytes, rank)
Napi::Value send(const Napi::CallbackInfo& info) {
  const auto bytes = spanOf<char>(info, 0);
  return later(info, [bytes, rank = integer(info, 1)](mpi::Library& mpi) {
    mpi.send(bytes.data(), static_cast<int>(bytes.size()), rank);
  });
}

// (bytes, rank)
Napi::Value receive(const Napi::CallbackInfo& info) {
  const auto bytes = spanOf<char>(info, 0);
  return later(info, [bytes, rank = integer(info, 1)](mpi::Library& mpi) {
    mpi.receive(bytes.data(), static_cast<int>(bytes.size()), rank);
  });
}

Napi::Value barrier(const Napi::CallbackInfo& info) {
  return later(info, [](mpi::Library& mpi) { mpi.barrier(); });
}

Napi::Value finalize(const Napi::CallbackInfo& info) {
  return later(info, [](mpi::Library& mpi) { mpi.finalize(); });
}

void interrupt(const Napi::CallbackInfo&) { library()->interrupt(); }

// (exit code)
void abort(const Napi::CallbackInfo& info) { library()->abort(integer(info, 0)); }

}  // namespace

void registerMpi(Napi::Env env, Napi::Object exports) {
  Napi::Object mpi = Napi::Object::New(env);
  mpi.Set("open", Napi::Function::New(env, open));
  mpi.Set("init", Napi::Function::New(env, init));
  mpi.Set("broadcast", Napi::Function::New(env, broadcast));
  mpi.Set("allGather", Napi::Function::New(env, allGather));
  mpi.Set("send", Napi::Function::New(env, send));
  mpi.Set("receive", Napi::Function::New(env, receive));
  mpi.Set("barrier", Napi::Function::New(env, barrier));
  mpi.Set("finalize", Napi::Function::New(env, finalize));
  mpi.Set("interrupt", Napi::Function::New(env, interrupt));
  mpi.Set("abort", Napi::Function::New(env, abort));
  exports.Set("mpi", mpi);
}

}  // namespace trellis::napi
