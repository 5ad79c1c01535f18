// A pool of threads that runs numbered tasks. Which thread runs a task is left open; whoever wants results that do
// not depend on the number of threads writes each task's result to a place of its own and reduces in task order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace trellis::parallel {

class ThreadPool {
 public:
  // `threads` counts the calling thread: 1 starts no thread at all.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Runs body(task, worker) for every task in [0, tasks), on the workers and the calling thread; returns when all are
  // done. worker is in [0, threads()). One call at a time: a second caller waits. The first exception of a body is
  // thrown here when all workers have stopped; tasks not begun by then are not run.
  template <class Body>
  void run(int64_t tasks, Body&& body) {
    if (tasks <= 0) return;
    using Stored = std::remove_reference_t<Body>;
    runErased(
        tasks, [](void* context, int64_t task, int worker) { (*static_cast<Stored*>(context))(task, worker); },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

 private:
  using Function = void (*)(void*, int64_t, int);
  void runErased(int64_t tasks, Function function, void* context);
  void work(int worker);
  void drain(int worker);
  void rethrow();

  std::vector<std::thread> workers_;
  std::mutex callers_;               // serialises run()
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> generation_{0};  // odd/even does not matter: a change means new work
  std::atomic<int> busy_{0};             // workers still inside the present run
  std::atomic<int64_t> next_{0};
  int64_t tasks_ = 0;
  Function function_ = nullptr;
  void* context_ = nullptr;
  std::mutex failureMutex_;
  std::exception_ptr failure_;       // of the present run
  std::atomic<bool> stop_{false};
};

}  // namespace trellis::parallel
