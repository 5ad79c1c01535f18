#include "mujoco/model.h"

#include "mujoco/error_trap.h"

static_assert(mjVERSION_HEADER >= 4000001,
              "MuJoCo 4.0.0 computes wrong accelerations with sparse constraint Jacobians; "
              "4.0.1 or a later 4.0.x is needed");

namespace trellis::mujoco {
namespace {

// Spec and file system belong to the caller of compile(); these free them on every way out.
struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
using SpecPointer = std::unique_ptr<mjSpec, SpecDeleter>;

struct FileSystem {
  mjVFS vfs;
  FileSystem() { mj_defaultVFS(&vfs); }
  ~FileSystem() { mj_deleteVFS(&vfs); }
};

}  // namespace

std::shared_ptr<Model> Model::compile(mjSpec* parsed, const mjVFS* files, const char* parserText, int jacobian,
                                      const WarningCollector& logged, std::string& error) {
  SpecPointer spec(parsed);
  if (!spec) {
    if (error.empty()) error = parserText[0] ? parserText : "MuJoCo gave no reason";
    return nullptr;
  }
  if (jacobian >= 0) spec->option.jacobian = jacobian;
  mjModel* model = nullptr;
  std::string raised;
  if (!runTrapped([&] { model = mj_compile(spec.get(), files); }, raised)) {
    error = raised;
    return nullptr;
  }
  const char* compilerText = mjs_getError(spec.get());
  if (!model) {
    error = compilerText && compilerText[0] ? compilerText : "MuJoCo gave no reason";
    return nullptr;
  }
  // After a success these hold warnings.
  std::string warnings = parserText;
  for (const char* more : {compilerText, logged.text.c_str()}) {
    if (!more || !more[0] || warnings.find(more) != std::string::npos) continue;
    if (!warnings.empty()) warnings += '\n';
    warnings += more;
  }
  return std::shared_ptr<Model>(new Model(model, std::move(warnings)));
}

std::shared_ptr<Model> Model::fromFile(const std::string& path, int jacobian, std::string& error) {
  WarningCollector logged;
  char text[4096] = "";
  mjSpec* spec = nullptr;
  error.clear();
  runTrapped([&] { spec = mj_parseXML(path.c_str(), nullptr, text, sizeof(text)); }, error);
  return compile(spec, nullptr, text, jacobian, logged, error);
}

std::shared_ptr<Model> Model::fromXml(const std::string& xml, const std::string& directory,
                                      const std::vector<Asset>& assets, int jacobian, std::string& error) {
  WarningCollector logged;
  char text[4096] = "";
  FileSystem files;
  error.clear();
  for (const Asset& asset : assets) {
    int result = -1;
    runTrapped([&] { result = mj_addBufferVFS(&files.vfs, asset.name.c_str(), asset.data, asset.bytes); }, error);
    if (result != 0) {
      if (error.empty())
        error = "asset \"" + asset.name + "\" cannot be added" + (result == 2 ? ": repeated name" : "");
      return nullptr;
    }
  }
  mjSpec* spec = nullptr;
  runTrapped([&] { spec = mj_parseXMLString(xml.c_str(), &files.vfs, text, sizeof(text)); }, error);
  if (spec && !directory.empty()) mjs_setString(spec->modelfiledir, directory.c_str());
  return compile(spec, &files.vfs, text, jacobian, logged, error);
}

void loadPlugins(const std::string& folder) {
  std::string error;
  runTrapped([&] { mj_loadAllPluginLibraries(folder.c_str(), nullptr); }, error);
}

std::vector<std::string> pluginNames() {
  std::vector<std::string> names;
  for (int slot = 0; slot < mjp_pluginCount(); slot++) names.push_back(mjp_getPluginAtSlot(slot)->name);
  return names;
}

int64_t Model::dataBytes() const {
  if (dataBytes_ < 0) {
    std::string error;
    mjData* data = nullptr;
    runTrapped([&] { data = mj_makeData(model_); }, error);
    dataBytes_ = data ? static_cast<int64_t>(sizeof(mjData)) + static_cast<int64_t>(data->nbuffer) : 0;
    mj_deleteData(data);
  }
  return dataBytes_;
}

Model::~Model() { mj_deleteModel(model_); }

}  // namespace trellis::mujoco
