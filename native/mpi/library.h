// The few functions of MPI that a run over several processes needs, in whatever MPI library is found at run time: nothing
// is linked and no header of one is needed. Of the three binary interfaces in use, the standard one (MPI 5.0) and MPICH's
// are told apart by the file's name, Open MPI's by its symbols.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace trellis::mpi {

enum class Interface { standard, openMpi, mpich };

class MpiError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a waiting call ends with once `interrupt` was called.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

// One process may have one of these at work. Calls that talk to other ranks take turns, from any thread; counts are bytes.
class Library {
 public:
  // Loads a library by its path or, without a slash, as the system finds it; MpiError where it cannot, or is no MPI.
  explicit Library(const std::string& file);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  Interface interface() const { return interface_; }
  // What the library says it is, its first line.
  std::string version() const;

  // Joins the job; MpiError where the library allows calls from one thread alone.
  void init();
  int rank() const { return rank_; }
  int size() const { return size_; }

  void broadcast(void* data, int count, int root);
  // Everybody's data, one after the other: counts[r] bytes of rank r.
  void allGather(const void* data, const std::vector<int>& counts, void* out);
  void send(const void* data, int count, int rank);
  void receive(void* data, int count, int rank);
  void barrier();
  // Every call that waits, or comes after, ends with Interrupted.
  void interrupt() { interrupted_ = true; }
  // Ends all processes of the job, this one too, whatever they wait for.
  void abort(int code);
  void finalize();

 private:
  // A pointer in Open MPI and the standard interface, an int in MPICH, which looks at the lower half alone.
  using Handle = uintptr_t;
  using Request = uintptr_t;

  template <class Function>
  Function* find(const char* name) const;
  void check(const char* function, int code) const;
  template <class Start>
  void complete(const char* function, Start&& start);
  void wait(const char* function, Request request);

  void* library_;
  Interface interface_;
  Handle world_ = 0, byte_ = 0;
  int rank_ = 0, size_ = 1;
  std::atomic<bool> interrupted_{false};
  std::timed_mutex calls_;

  struct {
    int (*initThread)(int*, char***, int, int*);
    int (*rank)(Handle, int*);
    int (*size)(Handle, int*);
    int (*broadcast)(void*, int, Handle, int, Handle, Request*);
    int (*allGather)(const void*, int, Handle, void*, const int*, const int*, Handle, Handle, Request*);
    int (*send)(const void*, int, Handle, int, int, Handle, Request*);
    int (*receive)(void*, int, Handle, int, int, Handle, Request*);
    int (*barrier)(Handle, Request*);
    int (*test)(Request*, int*, void*);
    int (*abort)(Handle, int);
    int (*finalize)();
    int (*version)(char*, int*);
  } mpi_;
};

}  // namespace trellis::mpi
