// A compiled MuJoCo model: loading from MJCF, and a description of what is in it.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace trellis::mujoco {

struct Asset {
  std::string name;
  const void* data;
  int bytes;
};

class WarningCollector;

class Model {
 public:
  // From a file, MJCF or URDF. Null on failure, with MuJoCo's text (and line) in `error`. `jacobian`: mjtJacobian that
  // replaces the model's, -1: its own.
  static std::shared_ptr<Model> fromFile(const std::string& path, int jacobian, std::string& error);
  // From a string. Relative file names in it are looked up among `assets`, then in `directory` ("": the working one).
  static std::shared_ptr<Model> fromXml(const std::string& xml, const std::string& directory,
                                        const std::vector<Asset>& assets, int jacobian, std::string& error);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const mjModel* get() const { return model_; }
  // What one mjData takes, without the arena that it reserves and only touches for contacts and constraints. 0 if none
  // can be made; first asked for from one thread.
  int64_t dataBytes() const;
  // What the compiler had to say about a model that it accepted.
  const std::string& compilerWarnings() const { return compilerWarnings_; }
  // All that the compiler made, field by field, without pointers, padding, visual settings and where files lie: equal for
  // equal models, whatever the process and the folder.
  std::vector<unsigned char> contents() const;

 private:
  explicit Model(mjModel* model, std::string warnings) : model_(model), compilerWarnings_(std::move(warnings)) {}
  static std::shared_ptr<Model> compile(mjSpec* spec, const mjVFS* files, const char* parserText, int jacobian,
                                        const WarningCollector& logged, std::string& error);
  mjModel* model_;
  std::string compilerWarnings_;
  mutable int64_t dataBytes_ = -1;
};

// Loads every plugin library in a folder, for good.
void loadPlugins(const std::string& folder);
// Names of the plugins that are loaded, MuJoCo's own first.
std::vector<std::string> pluginNames();

enum class ElementType { float64, float32, int32, uint8 };
size_t elementBytes(ElementType type);

// One array of mjModel, or one mjOption field named "opt.<name>".
struct ModelField {
  const char* name;
  ElementType type;
  const void* data;
  int64_t rows;
  int64_t columns;
};
// Every array of numbers (offsets into asset data aside) and every option of the model.
std::vector<ModelField> modelFields(const mjModel* model);

// Sizes by MuJoCo's names: nq, nv, nbody ….
std::vector<std::pair<const char*, int64_t>> modelSizes(const mjModel* model);

// A field of mjData that a batch can put out, or a component of its state rows.
struct DataField {
  const char* name;
  ElementType type;
  int64_t rows;
  int64_t columns;
  int stateComponent;  // mjtState bit, or 0 for an output
};
std::vector<DataField> dataFields(const mjModel* model);

// Where an output that MuJoCo has is in an mjData: at this offset, or what a pointer there points to.
struct DataPlace {
  size_t offset;
  bool isPointer;
  const void* in(const mjData* data) const {
    const char* at = reinterpret_cast<const char*>(data) + offset;
    return isPointer ? *reinterpret_cast<const void* const*>(at) : at;
  }
};
// False for other names.
bool dataFieldPlace(const std::string& name, DataPlace& place);

}  // namespace trellis::mujoco
