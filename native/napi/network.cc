// The handles of a network and of observations loaded into it. Short calls are synchronous, long ones run on Node's
// thread pool and return promises; src/network keeps them in order, the mutex keeps them apart.
#include "network/network.h"

#include <cmath>
#include <functional>
#include <mutex>

#include "napi/arguments.h"
#include "napi/handles.h"
#include "napi/reported_memory.h"
#include "network/adam.h"
#include "network/squared_error.h"

namespace trellis::napi {
namespace {

struct Shared {
  std::mutex mutex;
  std::unique_ptr<network::Network> network;
};

// Observations stay in their array, which the handle and every operation with it keep alive.
class ObservationsHandle : public Napi::ObjectWrap<ObservationsHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "ObservationsHandle", {InstanceMethod("release", &ObservationsHandle::release)});
  }

  // new (array, count, row stride in elements, numbers of rows or null)
  explicit ObservationsHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ObservationsHandle>(info) {
    data = std::make_shared<network::Observations>();
    data->data = arrayData<void>(info, 0);
    data->count = integer(info, 1);
    data->rowStride = longInteger(info, 2);
    data->number = network::nextSetNumber();
    const auto* rows = arrayData<int32_t>(info, 3);
    if (rows != nullptr) data->rows.assign(rows, rows + data->count);
    array_ = Napi::Persistent(info[0].As<Napi::Object>());
    memory_.report(info.Env(), static_cast<int64_t>(data->rows.size() * sizeof(int32_t)));
  }
  void Finalize(Napi::BasicEnv env) override { memory_.report(env, 0); }

  Napi::Value array() const { return array_.Value(); }

  std::shared_ptr<network::Observations> data;

 private:
  void release(const Napi::CallbackInfo& info) {
    data.reset();
    array_.Reset();
    memory_.report(info.Env(), 0);
  }

  Napi::ObjectReference array_;
  ReportedMemory memory_;
};

// A long computation off the main thread; `held` keeps its arguments alive.
class Operation : public Napi::AsyncWorker {
 public:
  // done: called on the main thread after the body, before the promise settles
  Operation(const Napi::CallbackInfo& info, Napi::Value alsoHeld, std::function<void()> body,
            std::function<void()> done)
      : Napi::AsyncWorker(info.Env()), deferred_(info.Env()), body_(std::move(body)), done_(std::move(done)) {
    Napi::Array held = Napi::Array::New(info.Env());
    for (uint32_t i = 0; i < info.Length(); ++i) held.Set(i, info[i]);
    held.Set(static_cast<uint32_t>(info.Length()), alsoHeld);
    // Whose memory `done` reports.
    held.Set(static_cast<uint32_t>(info.Length()) + 1, info.This());
    held_ = Napi::Persistent(held.As<Napi::Object>());
  }
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { body_(); }
  void OnOK() override {
    done_();
    deferred_.Resolve(Env().Undefined());
  }
  void OnError(const Napi::Error& error) override {
    done_();
    deferred_.Reject(error.Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::function<void()> body_, done_;
  Napi::ObjectReference held_;
};

// Numbers that describe a layer: kind, units, kernel height and width, stride height and width, activation, two inputs.
constexpr size_t kLayerNumbers = 9;

network::Spec specOf(const Napi::Object& description) {
  using namespace network;
  const Napi::Env env = description.Env();
  const auto count = [&](const char* name) { return integer(description, name, 0); };
  const auto flat = vectorOf<int32_t>(env, description.Get("layers"));
  std::vector<LayerRequest> requests;
  for (const int32_t* l = flat.data(); l < flat.data() + flat.size(); l += kLayerNumbers) {
    requests.push_back({l[1], l[2], l[3], l[4], l[5], Activation{l[6]}, Kind{l[0]}, {l[7], l[8]}});
  }
  Spec spec = makeSpec(count("channels"), count("height"), count("width"), requests,
                       vectorOf<int32_t>(env, description.Get("heads")), count("stateIndependent"));
  spec.bytes = flag(description, "bytes");
  spec.offset = vectorOf<float>(env, description.Get("offset"));
  spec.factor = vectorOf<float>(env, description.Get("factor"));
  spec.clip = number(description, "clip", 0);
  return spec;
}

class NetworkHandle : public Napi::ObjectWrap<NetworkHandle> {
 public:
  static Napi::Function define(Napi::Env env) {
    using Self = NetworkHandle;
    return DefineClass(
        env, "NetworkHandle",
        {InstanceMethod("setTheta", &Self::setTheta), InstanceMethod("forward", &Self::forward),
         InstanceMethod("forwardEach", &Self::forwardEach), InstanceMethod("forwardLater", &Self::forwardLater),
         InstanceMethod("evaluate", &Self::evaluate), InstanceMethod("evaluateNow", &Self::evaluateNow),
         InstanceMethod("jvp", &Self::jvp), InstanceMethod("vjp", &Self::vjp), InstanceMethod("vjpNow", &Self::vjpNow),
         InstanceMethod("inputGradient", &Self::inputGradient),
         InstanceMethod("fisherVectorProduct", &Self::fisherVectorProduct), InstanceMethod("jacobian", &Self::jacobian),
         InstanceMethod("squaredErrorSteps", &Self::squaredErrorSteps), InstanceMethod("close", &Self::close)});
  }

  // new (description, threads, keepBytes)
  explicit NetworkHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NetworkHandle>(info) {
    shared_ = std::make_shared<Shared>();
    shared_->network = made(info.Env(), [&] {
      return std::make_unique<network::Network>(specOf(info[0].As<Napi::Object>()),
                                                std::make_shared<parallel::ThreadPool>(integer(info, 1)),
                                                network::kernels(parallel::instructionSet()), longInteger(info, 2));
    });
    reportMemory();
  }
  void Finalize(Napi::BasicEnv env) override { memory_.report(env, 0); }

 private:
  // (theta)
  void setTheta(const Napi::CallbackInfo& info) {
    std::lock_guard lock(shared_->mutex);
    shared_->network->setTheta(arrayData<float>(info, 0));
    reportMemory();
  }

  // (observations, count, out)
  void forward(const Napi::CallbackInfo& info) {
    std::lock_guard lock(shared_->mutex);
    shared_->network->forward(arrayData<void>(info, 0), integer(info, 1), arrayData<float>(info, 2));
    reportMemory();
  }

  // (thetas, observations, count, out)
  void forwardEach(const Napi::CallbackInfo& info) {
    std::lock_guard lock(shared_->mutex);
    shared_->network->forwardEach(arrayData<float>(info, 0), arrayData<void>(info, 1), integer(info, 2),
                                  arrayData<float>(info, 3));
    reportMemory();
  }

  // (observations, count, out)
  Napi::Value forwardLater(const Napi::CallbackInfo& info) {
    return later(info, nullptr,
                 [observations = arrayData<void>(info, 0), count = integer(info, 1), out = arrayData<float>(info, 2)](
                     network::Network& network) { network.forward(observations, count, out); });
  }

  // (data, out)
  Napi::Value evaluate(const Napi::CallbackInfo& info) {
    return later(info, handleOf(info),
                 [data = dataOf(info), out = arrayData<float>(info, 1)](network::Network& network) {
                   network.evaluate(*data, out);
                 });
  }

  // (data, out)
  void evaluateNow(const Napi::CallbackInfo& info) {
    now([&](network::Network& network) { network.evaluate(*dataOf(info), arrayData<float>(info, 1)); });
  }

  // (data, cotangents, out)
  void vjpNow(const Napi::CallbackInfo& info) {
    now([&](network::Network& network) {
      network.vjp(*dataOf(info), arrayData<float>(info, 1), arrayData<float>(info, 2));
    });
  }

  // (data, v, out)
  Napi::Value jvp(const Napi::CallbackInfo& info) {
    return later(info, handleOf(info),
                 [data = dataOf(info), v = arrayData<float>(info, 1),
                  out = arrayData<float>(info, 2)](network::Network& network) { network.jvp(*data, v, out); });
  }

  // (data, cotangents, out)
  Napi::Value vjp(const Napi::CallbackInfo& info) {
    return later(info, handleOf(info),
                 [data = dataOf(info), cotangents = arrayData<float>(info, 1),
                  out = arrayData<float>(info, 2)](network::Network& network) { network.vjp(*data, cotangents, out); });
  }

  // (data, cotangents, out)
  Napi::Value inputGradient(const Napi::CallbackInfo& info) {
    return later(info, handleOf(info),
                 [data = dataOf(info), cotangents = arrayData<float>(info, 1), out = arrayData<float>(info, 2)](
                     network::Network& network) { network.inputGradient(*data, cotangents, out); });
  }

  // (data, v, kind of metric, its sizes, its weights or null, whether for each row, weights or null, out)
  Napi::Value fisherVectorProduct(const Napi::CallbackInfo& info) {
    const network::Metric metric{network::Metric::Kind{integer(info, 2)}, vectorOf<int32_t>(info.Env(), info[3]),
                                 arrayData<float>(info, 4), flag(info, 5)};
    return later(info, handleOf(info),
                 [data = dataOf(info), v = arrayData<float>(info, 1), metric, weights = arrayData<float>(info, 6),
                  out = arrayData<float>(info, 7)](network::Network& network) {
                   network.fisherVectorProduct(*data, v, metric, weights, out);
                 });
  }

  // (data, out)
  Napi::Value jacobian(const Napi::CallbackInfo& info) {
    return later(info, handleOf(info),
                 [data = dataOf(info), out = arrayData<float>(info, 1)](network::Network& network) {
                   network.jacobian(*data, out);
                 });
  }

  // (data, targets, old or null, range, order, ends, theta, mean, square, rates, corrections, beta1, beta2, epsilon,
  // keep, longest)
  Napi::Value squaredErrorSteps(const Napi::CallbackInfo& info) {
    network::SquaredErrorSteps steps{};
    steps.targets = arrayData<double>(info, 1);
    steps.old = arrayData<float>(info, 2);
    steps.range = real(info, 3);
    steps.order = arrayData<int32_t>(info, 4);
    steps.ends = arrayData<int32_t>(info, 5);
    steps.minibatches = static_cast<int64_t>(info[5].As<Napi::TypedArray>().ElementLength());
    steps.theta = arrayData<float>(info, 6);
    steps.mean = arrayData<float>(info, 7);
    steps.square = arrayData<float>(info, 8);
    steps.rates = arrayData<double>(info, 9);
    steps.corrections = arrayData<double>(info, 10);
    steps.beta1 = real(info, 11);
    steps.beta2 = real(info, 12);
    steps.epsilon = real(info, 13);
    steps.keep = real(info, 14);
    steps.longest = real(info, 15);
    return later(info, handleOf(info), [data = dataOf(info), steps](network::Network& network) {
      network::stepSquaredError(network, *data, steps);
    });
  }

  // Waits for a call in flight; its result still arrives.
  void close(const Napi::CallbackInfo& info) {
    std::lock_guard lock(shared_->mutex);
    shared_->network.reset();
    memory_.report(info.Env(), 0);
  }

  static ObservationsHandle* handleOf(const Napi::CallbackInfo& info) {
    return ObservationsHandle::Unwrap(info[0].As<Napi::Object>());
  }
  static std::shared_ptr<network::Observations> dataOf(const Napi::CallbackInfo& info) { return handleOf(info)->data; }

  // observations: those that the body works on, or null
  template <class Body>
  Napi::Value later(const Napi::CallbackInfo& info, ObservationsHandle* observations, Body body) {
    auto* operation = new Operation(
        info, observations ? observations->array() : info.Env().Undefined(),
        [shared = shared_, body] {
          std::lock_guard lock(shared->mutex);
          if (!shared->network) throw std::runtime_error("the network is closed");
          body(*shared->network);
        },
        [this] { reportMemory(); });
    operation->Queue();
    return operation->promise();
  }

  template <class Body>
  void now(Body&& body) {
    std::lock_guard lock(shared_->mutex);
    body(*shared_->network);
    reportMemory();
  }

  void reportMemory() { memory_.report(Env(), shared_->network ? shared_->network->bytes() : 0); }

  std::shared_ptr<Shared> shared_;
  ReportedMemory memory_;
};

}  // namespace

// (theta, mean, square, gradient, count, rate, beta1, beta2, epsilon, correction, keep)
static void adam(const Napi::CallbackInfo& info) {
  const network::AdamStep step{real(info, 5), real(info, 6), real(info, 7),
                               real(info, 8), real(info, 9), real(info, 10)};
  network::kernels(parallel::instructionSet())
      .adam(arrayData<float>(info, 0), arrayData<float>(info, 1), arrayData<float>(info, 2), arrayData<float>(info, 3),
            longInteger(info, 4), step);
}

// (values, longest) shortens them to this norm; returns the norm before. One that is not finite changes nothing.
static Napi::Value clipByNorm(const Napi::CallbackInfo& info) {
  auto* values = arrayData<float>(info, 0);
  const auto count = static_cast<int64_t>(info[0].As<Napi::TypedArray>().ElementLength());
  const double longest = real(info, 1), norm = network::norm(values, count);
  if (norm > longest && std::isfinite(norm)) network::scale(values, count, longest / norm);
  return Napi::Number::New(info.Env(), norm);
}

void registerNetwork(Napi::Env env, Napi::Object exports) {
  exports.Set("adamStep", Napi::Function::New<adam>(env, "adamStep"));
  exports.Set("clipByNorm", Napi::Function::New<clipByNorm>(env, "clipByNorm"));
  exports.Set("NetworkHandle", NetworkHandle::define(env));
  exports.Set("ObservationsHandle", ObservationsHandle::define(env));
}

}  // namespace trellis::napi
