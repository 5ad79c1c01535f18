// A pool of threads that runs numbered tasks. Which thread runs a task is left open; whoever wants results that do
// not depend on the number of threads writes each task's result to a place of its own and reduces in task order.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <type_traits>

namespace trellis::parallel {

class Team;

// The message begins with "cannot start"; src/native/threads.ts makes a typed error of it.
class ThreadsUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Pools of the same size that one thread has made share their workers: a simulator and a network that take turns would
// otherwise wait for each other's idle workers, which keep looking for work for a while before they sleep.
class ThreadPool {
 public:
  // `threads` counts the calling thread: 1 starts no thread at all. Throws ThreadsUnavailable, and leaves none behind,
  // where the operating system does not give as many.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Runs body(task, worker) for every task in [0, tasks), on the workers and the calling thread; returns when all are
  // done. worker is in [0, threads()). One call at a time: a second caller waits. While the workers are at work for
  // another pool, the calling thread does everything. The first exception of a body is thrown here when all workers have
  // stopped; tasks not begun by then are not run.
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

  const int threads_;
  std::shared_ptr<Team> team_;  // null without workers
  std::mutex callers_;          // serialises run()
};

}  // namespace trellis::parallel
