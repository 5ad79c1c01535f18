#include "mujoco/error_trap.h"

#include <mujoco/mujoco.h>

#include <csetjmp>
#include <cstdio>
#include <deque>
#include <mutex>

namespace trellis::mujoco {
namespace {

struct TrapFrame {
  jmp_buf target;
  TrapFrame* outer;
  // A plain array: nothing here may need a destructor when longjmp passes.
  char message[2048];
};

thread_local TrapFrame* innermostTrap = nullptr;
thread_local WarningCollector* collector = nullptr;

constexpr size_t keptWarnings = 100;
std::mutex warningsMutex;
std::deque<std::string>& warnings() {
  static std::deque<std::string> list;
  return list;
}

void handleLog(const mjLogMessage* message) {
  const char* body = message->body ? message->body : "";
  const char* separator = message->body ? "\n" : "";
  if (message->level == mjLOG_ERROR) {
    TrapFrame* trap = innermostTrap;
    if (trap) {
      std::snprintf(trap->message, sizeof(trap->message), "%s%s%s", message->subject, separator, body);
      std::longjmp(trap->target, 1);
    }
    // Not one of our calls: MuJoCo ends the process after this, so at least say why.
    std::fprintf(stderr, "MuJoCo: %s%s%s\n", message->subject, separator, body);
  } else if (message->level == mjLOG_WARNING && collector) {
    if (!collector->text.empty()) collector->text += '\n';
    collector->text.append(message->subject).append(separator).append(body);
  } else if (message->level == mjLOG_WARNING) {
    std::lock_guard<std::mutex> lock(warningsMutex);
    if (warnings().size() == keptWarnings) warnings().pop_front();
    warnings().push_back(std::string(message->subject) + separator + body);
  }
}

}  // namespace

void installLogHandler() {
  static std::once_flag once;
  std::call_once(once, [] {
    warnings();
    // Also silence the default handler, which another user of the same library may put back.
    mjLogConfig config = mju_getLogConfig();
    config.logto_file = false;
    mju_setLogConfig(config);
    mju_setLogHandler(handleLog);
  });
}

bool runTrappedErased(void (*function)(void*), void* context, std::string& error) {
  installLogHandler();
  TrapFrame frame;
  frame.outer = innermostTrap;
  frame.message[0] = '\0';
  innermostTrap = &frame;
  if (setjmp(frame.target) == 0) {
    function(context);
    innermostTrap = frame.outer;
    return true;
  }
  innermostTrap = frame.outer;
  error = frame.message;
  return false;
}

WarningCollector::WarningCollector() : outer_(collector) {
  installLogHandler();
  collector = this;
}

WarningCollector::~WarningCollector() { collector = outer_; }

std::vector<std::string> takeWarnings() {
  std::lock_guard<std::mutex> lock(warningsMutex);
  std::vector<std::string> taken(warnings().begin(), warnings().end());
  warnings().clear();
  return taken;
}

}  // namespace trellis::mujoco
