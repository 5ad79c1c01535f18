#include "mpi/library.h"

#include <gtest/gtest.h>

#include <thread>

namespace trellis::mpi {
namespace {

TEST(Mpi, SaysWhatItFound) {
  Library library(STAND_IN);
  EXPECT_EQ(library.interface(), Interface::standard);
  EXPECT_EQ(library.version(), "Stand-in: 1.0");
}

TEST(Mpi, WhatIsNoMpiIsRefused) {
  EXPECT_THROW(Library("libmpi-that-is-not-there.so"), MpiError);
  EXPECT_THROW(Library("libm.so.6"), MpiError);
}

TEST(Mpi, CallsWaitForTheirRequests) {
  Library library(STAND_IN);
  library.init();
  EXPECT_EQ(library.rank(), 0);
  EXPECT_EQ(library.size(), 1);
  char data[3] = {1, 2, 3}, out[3] = {};
  library.allGather(data, {3}, out);
  EXPECT_EQ(out[2], 3);
  library.receive(out, 2, 0);
  EXPECT_EQ(out[0], 5);
  EXPECT_EQ(out[2], 3);
  library.broadcast(data, 3, 0);
  library.send(data, 3, 0);
  EXPECT_THROW(library.barrier(), MpiError) << "codes of failure are seen";
}

TEST(Mpi, AnInterruptEndsTheWaiting) {
  Library library(STAND_IN);
  library.init();
  char data = 0;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    library.interrupt();
  });
  EXPECT_THROW(library.send(&data, 1, 9), Interrupted);
  other.join();
  EXPECT_THROW(library.send(&data, 1, 0), Interrupted);
}

}  // namespace
}  // namespace trellis::mpi
