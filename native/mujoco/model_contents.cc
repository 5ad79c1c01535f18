#include <mujoco/mjxmacro.h>

#include <cstring>
#include <string_view>

#include "mujoco/model.h"

namespace trellis::mujoco {
namespace {

class Writer {
 public:
  void add(std::string_view name, const void* data, size_t size) {
    const std::string head = std::string(name) + ':' + std::to_string(size) + '\n';
    append(head.data(), head.size());
    append(data, size);
  }
  std::vector<unsigned char> bytes;

 private:
  void append(const void* data, size_t size) {
    if (size == 0) return;
    const size_t at = bytes.size();
    bytes.resize(at + size);
    std::memcpy(bytes.data() + at, data, size);
  }
};

// Where files lie, and what follows from it; plugins have the number under which this process happened to load them.
bool isPlace(std::string_view name) {
  return name == "paths" || name.ends_with("_pathadr") || name == "tex_contenttypeadr" || name == "npaths" ||
         name == "nbuffer" || name == "plugin";
}

}  // namespace

std::vector<unsigned char> Model::contents() const {
  const mjModel* m = model_;
  Writer writer;
  for (const auto& [name, size] : modelSizes(m))
    if (!isPlace(name)) writer.add(name, &size, sizeof(size));
  MJMODEL_POINTERS_PREAMBLE(m)
#undef MJ_M
#define MJ_M(n) n
#define X(type, name, rows, columns) \
  if (!isPlace(#name))               \
    writer.add(#name, m->name, sizeof(type) * static_cast<size_t>(m->rows) * static_cast<size_t>(columns));
  MJMODEL_POINTERS
#undef X
#define X(type, name, size) writer.add("opt." #name, &m->opt.name, sizeof(m->opt.name));
#define XVEC(type, name, size) writer.add("opt." #name, m->opt.name, sizeof(m->opt.name));
  MJOPTION_FIELDS
#undef X
#undef XVEC
#define X(name, size) writer.add("stat." #name, &m->stat.name, sizeof(m->stat.name));
#define XVEC(name, size) writer.add("stat." #name, m->stat.name, sizeof(m->stat.name));
  MJSTATISTIC_FIELDS
#undef X
#undef XVEC
  for (int i = 0; i < m->nplugin; i++) {
    const mjpPlugin* plugin = mjp_getPluginAtSlot(m->plugin[i]);
    const std::string_view name = plugin ? plugin->name : "";
    writer.add("plugin", name.data(), name.size());
  }
  return std::move(writer.bytes);
}

}  // namespace trellis::mujoco
