#include "mpi/library.h"

#include <algorithm>
#include <thread>

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace trellis::mpi {
namespace {

using Clock = std::chrono::steady_clock;

// Longest texts and largest status of the three interfaces are smaller.
constexpr int kVersionBytes = 8192;
constexpr int kStatusBytes = 256;
constexpr int kTag = 7;

// "Calls from any thread, one at a time", as each interface numbers it.
int serialized(Interface kind) { return kind == Interface::standard ? 2048 : 2; }

}  // namespace

#ifdef _WIN32

Library::Library(const std::string&) { throw MpiError("MPI is not supported on Windows"); }
template <class Function>
Function* Library::find(const char*) const {
  return nullptr;
}

#else

template <class Function>
Function* Library::find(const char* name) const {
  void* found = dlsym(library_, name);
  if (found == nullptr) throw MpiError(std::string("it has no ") + name);
  return reinterpret_cast<Function*>(found);
}

Library::Library(const std::string& file) {
  // Global, since Open MPI's components look for its symbols.
  library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library_ == nullptr) throw MpiError(dlerror());
  const std::string name = file.substr(file.find_last_of('/') + 1);
  void* world = dlsym(library_, "ompi_mpi_comm_world");
  if (name.rfind("libmpi_abi", 0) == 0) {
    interface_ = Interface::standard;
    world_ = 0x101;
    byte_ = 0x247;
  } else if (world != nullptr) {
    interface_ = Interface::openMpi;
    world_ = reinterpret_cast<Handle>(world);
    byte_ = reinterpret_cast<Handle>(find<char>("ompi_mpi_byte"));
  } else {
    interface_ = Interface::mpich;
    world_ = 0x44000000;
    byte_ = 0x4c00010d;
  }
  mpi_.initThread = find<int(int*, char***, int, int*)>("MPI_Init_thread");
  mpi_.rank = find<int(Handle, int*)>("MPI_Comm_rank");
  mpi_.size = find<int(Handle, int*)>("MPI_Comm_size");
  mpi_.broadcast = find<int(void*, int, Handle, int, Handle, Request*)>("MPI_Ibcast");
  mpi_.allGather =
      find<int(const void*, int, Handle, void*, const int*, const int*, Handle, Handle, Request*)>("MPI_Iallgatherv");
  mpi_.send = find<int(const void*, int, Handle, int, int, Handle, Request*)>("MPI_Isend");
  mpi_.receive = find<int(void*, int, Handle, int, int, Handle, Request*)>("MPI_Irecv");
  mpi_.barrier = find<int(Handle, Request*)>("MPI_Ibarrier");
  mpi_.test = find<int(Request*, int*, void*)>("MPI_Test");
  mpi_.abort = find<int(Handle, int)>("MPI_Abort");
  mpi_.finalize = find<int()>("MPI_Finalize");
  mpi_.version = find<int(char*, int*)>("MPI_Get_library_version");
}

#endif

std::string Library::version() const {
  std::string text(kVersionBytes, '\0');
  int length = 0;
  check("MPI_Get_library_version", mpi_.version(text.data(), &length));
  text.resize(std::clamp(length, 0, kVersionBytes));
  std::string line = text.substr(0, text.find('\n'));
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line.substr(0, line.find('\0'));
}

void Library::init() {
  int provided = 0;
  const int wanted = serialized(interface_);
  check("MPI_Init_thread", mpi_.initThread(nullptr, nullptr, wanted, &provided));
  if (provided < wanted) throw MpiError("this MPI was built for programs of one thread");
  check("MPI_Comm_rank", mpi_.rank(world_, &rank_));
  check("MPI_Comm_size", mpi_.size(world_, &size_));
}

void Library::broadcast(void* data, int count, int root) {
  complete("MPI_Ibcast", [&](Request* request) { return mpi_.broadcast(data, count, byte_, root, world_, request); });
}

void Library::allGather(const void* data, const std::vector<int>& counts, void* out) {
  std::vector<int> offsets(counts.size());
  for (size_t r = 1; r < counts.size(); ++r) offsets[r] = offsets[r - 1] + counts[r - 1];
  complete("MPI_Iallgatherv", [&](Request* request) {
    return mpi_.allGather(data, counts[rank_], byte_, out, counts.data(), offsets.data(), byte_, world_, request);
  });
}

void Library::send(const void* data, int count, int rank) {
  complete("MPI_Isend", [&](Request* request) { return mpi_.send(data, count, byte_, rank, kTag, world_, request); });
}

void Library::receive(void* data, int count, int rank) {
  complete("MPI_Irecv",
           [&](Request* request) { return mpi_.receive(data, count, byte_, rank, kTag, world_, request); });
}

void Library::barrier() {
  complete("MPI_Ibarrier", [&](Request* request) { return mpi_.barrier(world_, request); });
}

void Library::abort(int code) {
  interrupted_ = true;
  // A call in flight ends within a millisecond, unless the library itself is stuck.
  std::unique_lock lock(calls_, std::chrono::milliseconds(100));
  mpi_.abort(world_, code);
}

void Library::finalize() {
  std::lock_guard lock(calls_);
  check("MPI_Finalize", mpi_.finalize());
}

void Library::check(const char* function, int code) const {
  if (code != 0) throw MpiError(std::string(function) + " failed with code " + std::to_string(code));
}

template <class Start>
void Library::complete(const char* function, Start&& start) {
  std::lock_guard lock(calls_);
  if (interrupted_) throw Interrupted();
  Request request = 0;
  check(function, start(&request));
  wait(function, request);
}

// The library's own waiting keeps a core busy. Here a short wait does, too; a long one, for a rank that still samples,
// leaves the core to it.
void Library::wait(const char* function, Request request) {
  using std::chrono::microseconds;
  alignas(16) char status[kStatusBytes];
  const auto start = Clock::now();
  for (;;) {
    int done = 0;
    check(function, mpi_.test(&request, &done, status));
    if (done) return;
    if (interrupted_) throw Interrupted();
    const auto waited = Clock::now() - start;
    if (waited < microseconds(30)) continue;
    std::this_thread::sleep_for(std::clamp<Clock::duration>(waited / 10, microseconds(5), microseconds(1000)));
  }
}

}  // namespace trellis::mpi
