// MuJoCo reports errors to a log handler and ends the process when that handler returns. Ours leaves by longjmp to the
// innermost trap of the calling thread instead, keeps warnings in a short list, and never writes a log file.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

namespace trellis::mujoco {

// Installs the handler, once a process. Everything in this folder calls it before its first MuJoCo call.
void installLogHandler();

// Runs function(context); false if MuJoCo raised an error, whose text goes to `error`. The function is left by longjmp
// then: nothing with a destructor may live in it across a MuJoCo call.
bool runTrappedErased(void (*function)(void*), void* context, std::string& error);

template <class Function>
bool runTrapped(Function&& function, std::string& error) {
  using Stored = std::remove_reference_t<Function>;
  return runTrappedErased([](void* context) { (*static_cast<Stored*>(context))(); },
                          const_cast<void*>(static_cast<const void*>(&function)), error);
}

// While it lives, warnings of its thread go here and not to takeWarnings().
class WarningCollector {
 public:
  WarningCollector();
  ~WarningCollector();
  WarningCollector(const WarningCollector&) = delete;
  WarningCollector& operator=(const WarningCollector&) = delete;
  // One a line.
  std::string text;

 private:
  WarningCollector* outer_;
};

// Warnings since the last call (the newest 100), from whichever thread.
std::vector<std::string> takeWarnings();

}  // namespace trellis::mujoco
