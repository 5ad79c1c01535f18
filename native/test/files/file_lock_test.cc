#include "files/file_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace trellis::files {
namespace {

std::string fresh(const char* name) {
  const auto path = std::filesystem::temp_directory_path() / (std::string("trellis-file-lock-") + name);
  std::filesystem::remove_all(path);
  return path.string();
}

TEST(FileLock, IsHeldByOneUntilItLetsGo) {
  const std::string path = fresh("one");
  FileLock first, second;
  ASSERT_EQ(first.take(path), FileLock::taken);
  EXPECT_EQ(second.take(path), FileLock::busy);
  EXPECT_TRUE(first.write("mine"));
  std::ifstream reader(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "mine");
  reader.close();
  first.release(true);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(first.write("no more"));
  ASSERT_EQ(second.take(path), FileLock::taken);
  second.release(false);
  EXPECT_TRUE(std::filesystem::exists(path)) << "let go without removing";
  EXPECT_EQ(first.take(path), FileLock::taken) << "a file that is there is taken";
}

TEST(FileLock, SaysWhyItCannotBeTaken) {
  FileLock lock;
  EXPECT_GT(lock.take(fresh("none") + "/lock"), 0);
  EXPECT_FALSE(lock.held());
}

// Files that are made and deleted all the time: the one locked is always the one that has the name.
TEST(FileLock, HasOneHolderWhoeverTries) {
  const std::string path = fresh("race");
  std::atomic<int> holders{0}, most{0}, wins{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3000; ++i) {
        FileLock lock;
        if (lock.take(path) != FileLock::taken) continue;
        const int now = ++holders;
        if (now > most) most = now;
        ++wins;
        --holders;
        lock.release(i % 3 != 0);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_GT(wins, 1000);
}

}  // namespace
}  // namespace trellis::files
