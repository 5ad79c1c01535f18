#include "parallel/thread_pool.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace trellis::parallel {
namespace {

// A worker spins this often before it sleeps, and the caller before it yields: batch steps follow one another within
// tens of microseconds, and a sleep costs as much.
constexpr int kSpins = 4000;

inline void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

// The workers of one or more pools, and the run that they are at.
class Team {
 public:
  using Function = void (*)(void*, int64_t, int);

  // The team of this many threads, the caller included, of the thread that asks.
  static std::shared_ptr<Team> of(int threads);
  explicit Team(int threads);
  ~Team();

  // False if a run is going on already.
  bool tryRun(int64_t tasks, Function function, void* context);

 private:
  void stop();
  void work(int worker);
  void drain(int worker);

  std::vector<std::thread> workers_;
  std::mutex runs_;  // held by the run going on
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> generation_{0};  // odd/even does not matter: a change means new work
  std::atomic<int> busy_{0};             // workers still inside the present run
  std::atomic<int64_t> next_{0};
  int64_t tasks_ = 0;
  Function function_ = nullptr;
  void* context_ = nullptr;
  std::mutex failureMutex_;
  std::exception_ptr failure_;  // of the present run
  std::atomic<bool> stop_{false};
};

std::shared_ptr<Team> Team::of(int threads) {
  // By size. Other threads get teams of their own, so that they do not wait for this one.
  thread_local std::vector<std::weak_ptr<Team>> teams;
  const size_t size = static_cast<size_t>(threads);
  if (teams.size() <= size) teams.resize(size + 1);
  std::shared_ptr<Team> team = teams[size].lock();
  if (!team) teams[size] = team = std::make_shared<Team>(threads);
  return team;
}

Team::Team(int threads) {
  try {
    workers_.reserve(static_cast<size_t>(threads) - 1);
    for (int worker = 1; worker < threads; ++worker) workers_.emplace_back([this, worker] { work(worker); });
  } catch (const std::system_error& error) {
    // Those that did start wait on members of this object, which is about to go.
    const std::string started = std::to_string(workers_.size() + 1);
    stop();
    throw ThreadsUnavailable("cannot start " + std::to_string(threads) + " threads, only " + started + ": " +
                             error.what());
  } catch (...) {
    stop();
    throw;
  }
}

Team::~Team() { stop(); }

void Team::stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
    generation_.fetch_add(1);
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Team::drain(int worker) {
  try {
    for (;;) {
      const int64_t task = next_.fetch_add(1, std::memory_order_relaxed);
      if (task >= tasks_) return;
      function_(context_, task, worker);
    }
  } catch (...) {
    std::lock_guard lock(failureMutex_);
    if (!failure_) failure_ = std::current_exception();
    next_.store(tasks_, std::memory_order_relaxed);
  }
}

bool Team::tryRun(int64_t tasks, Function function, void* context) {
  std::unique_lock run(runs_, std::try_to_lock);
  if (!run.owns_lock()) return false;
  tasks_ = tasks;
  function_ = function;
  context_ = context;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    generation_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  drain(0);
  for (int spin = 0; busy_.load(std::memory_order_acquire) > 0; ++spin) {
    if (spin < kSpins) relax();
    else std::this_thread::yield();
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return true;
}

void Team::work(int worker) {
  uint64_t seen = 0;
  for (;;) {
    for (int spin = 0; spin < kSpins && generation_.load(std::memory_order_acquire) == seen; ++spin) relax();
    if (generation_.load(std::memory_order_acquire) == seen) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return generation_.load(std::memory_order_acquire) != seen; });
    }
    if (stop_) return;
    seen = generation_.load(std::memory_order_acquire);
    drain(worker);
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

ThreadPool::ThreadPool(int threads) : threads_(threads < 1 ? 1 : threads) {
  if (threads_ > 1) team_ = Team::of(threads_);
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::runErased(int64_t tasks, Function function, void* context) {
  std::lock_guard caller(callers_);
  if (team_ && tasks > 1 && team_->tryRun(tasks, function, context)) return;
  for (int64_t task = 0; task < tasks; ++task) function(context, task, 0);
}

}  // namespace trellis::parallel
