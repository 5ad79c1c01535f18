#include "parallel/thread_pool.h"

#include <gtest/gtest.h>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <atomic>
#include <chrono>
#include <mutex>
#include <new>
#include <set>
#include <thread>
#include <vector>

namespace trellis::parallel {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int64_t tasks : {0, 1, 2, 3, 100, 1000}) {
      std::vector<std::atomic<int>> runs(tasks);
      std::atomic<bool> workerInRange{true};
      pool.run(tasks, [&](int64_t task, int worker) {
        ++runs[task];
        if (worker < 0 || worker >= threads) workerInRange = false;
      });
      EXPECT_TRUE(workerInRange);
      for (auto& count : runs) EXPECT_EQ(count, 1);
    }
  }
}

TEST(ThreadPool, ManyShortRunsAndSleeps) {
  ThreadPool pool(3);
  std::atomic<int64_t> sum{0};
  for (int run = 0; run < 3000; ++run) {
    pool.run(4, [&](int64_t task, int) { sum += task; });
    if (run % 1000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(sum, 3000 * 6);
}

TEST(ThreadPool, AnExceptionReachesTheCaller) {
  for (int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::atomic<int> runs{0};
    const auto failing = [&](int64_t task, int) {
      ++runs;
      if (task >= 10) throw std::bad_alloc();
    };
    EXPECT_THROW(pool.run(100000, failing), std::bad_alloc);
    EXPECT_LT(runs, 100000);
    EXPECT_GT(runs, 10);
    std::atomic<int> later{0};
    pool.run(50, [&](int64_t, int) { ++later; });
    EXPECT_EQ(later, 50);
  }
}

TEST(ThreadPool, PoolsOfOneThreadShareTheirWorkers) {
  const auto workersOf = [](ThreadPool& pool) {
    std::mutex mutex;
    std::set<std::thread::id> ids;
    std::atomic<int> begun{0};
    pool.run(3, [&](int64_t, int) {
      // Nobody does two of the tasks.
      for (++begun; begun < 3;) std::this_thread::yield();
      std::lock_guard lock(mutex);
      ids.insert(std::this_thread::get_id());
    });
    return ids;
  };
  ThreadPool one(3), two(3);
  const std::set<std::thread::id> ids = workersOf(one);
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_EQ(workersOf(two), ids);
  std::thread other([&] {
    ThreadPool own(3);
    std::set<std::thread::id> all = workersOf(own);
    EXPECT_EQ(all.size(), 3u);
    for (const std::thread::id& id : ids) EXPECT_EQ(all.count(id), 0u);
  });
  other.join();
}

TEST(ThreadPool, WorksAloneWhileItsWorkersWorkForAnotherPool) {
  ThreadPool one(2), two(2);
  std::atomic<int> begun{0};
  std::atomic<bool> finish{false};
  std::thread busy([&] {
    one.run(2, [&](int64_t, int) {
      for (++begun; !finish;) std::this_thread::yield();
    });
  });
  while (begun < 2) std::this_thread::yield();
  int sum = 0;
  two.run(100, [&](int64_t task, int worker) { sum += static_cast<int>(task) + worker; });
  EXPECT_EQ(sum, 4950);
  const auto failing = [](int64_t, int) { throw std::bad_alloc(); };
  EXPECT_THROW(two.run(100, failing), std::bad_alloc);
  finish = true;
  busy.join();
}

TEST(ThreadPool, CallersTakeTurns) {
  ThreadPool pool(2);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int run = 0; run < 200; ++run) pool.run(3, [&](int64_t, int) { ++sum; });
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(sum, 4 * 200 * 3);
}

#ifdef __linux__
// A limit on processes does not bind root; one on memory binds everyone, since a thread needs a stack.
[[noreturn]] void startTooMany() {
  const rlimit limit{size_t{512} << 20, size_t{512} << 20};
  setrlimit(RLIMIT_AS, &limit);
  int failures = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    try {
      ThreadPool many(1000);
    } catch (const ThreadsUnavailable& error) {
      failures += std::string(error.what()).rfind("cannot start 1000 threads", 0) == 0;
    }
  }
  std::atomic<int> sum{0};
  ThreadPool few(3);
  few.run(100, [&](int64_t, int) { ++sum; });
  _exit(failures == 3 && sum == 100 ? 0 : 1);
}

// In a process of its own, whose limit ends with it.
TEST(ThreadPoolDeathTest, ThreadsThatCannotStartAreAnErrorThatLeavesNothingBehind) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "shadow memory is beyond any limit";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "shadow memory is beyond any limit";
#endif
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(startTooMany(), testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace trellis::parallel
