// An MPI of one process, with the standard interface's constants: each request is done at the third look, a message to
// rank 9 never.
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {
using Handle = uintptr_t;
constexpr Handle kNever = 99;
int start(Handle world, Handle byte, Handle* request) {
  *request = 3;
  return world == 0x101 && byte == 0x247 ? 0 : 1;
}
}  // namespace

extern "C" {
int MPI_Init_thread(int*, char***, int wanted, int* provided) {
  *provided = wanted;
  return wanted == 2048 ? 0 : 1;
}
int MPI_Comm_rank(Handle world, int* rank) {
  *rank = 0;
  return world == 0x101 ? 0 : 1;
}
int MPI_Comm_size(Handle, int* size) {
  *size = 1;
  return 0;
}
int MPI_Ibcast(void*, int, Handle byte, int, Handle world, Handle* request) { return start(world, byte, request); }
int MPI_Iallgatherv(const void* data, int count, Handle byte, void* out, const int*, const int* offsets, Handle,
                    Handle world, Handle* request) {
  std::memcpy(static_cast<char*>(out) + offsets[0], data, count);
  return start(world, byte, request);
}
int MPI_Isend(const void*, int, Handle byte, int rank, int, Handle world, Handle* request) {
  const int code = start(world, byte, request);
  if (rank == 9) *request = kNever;
  return code;
}
int MPI_Irecv(void* data, int count, Handle byte, int, int, Handle world, Handle* request) {
  std::memset(data, 5, count);
  return start(world, byte, request);
}
int MPI_Ibarrier(Handle, Handle* request) {
  *request = 1;
  return 17;
}
int MPI_Test(Handle* request, int* done, void*) {
  if (*request != kNever) --*request;
  *done = *request == 0;
  return 0;
}
int MPI_Abort(Handle, int) { return 0; }
int MPI_Finalize() { return 0; }
int MPI_Get_library_version(char* text, int* length) {
  *length = std::sprintf(text, "Stand-in:\t1.0\nbuilt today");
  return 0;
}
}
