// Tables of the fields of mjModel and mjData, made from MuJoCo's own lists (mjxmacro.h).
#include <mujoco/mjxmacro.h>

#include <cstddef>
#include <type_traits>

#include "mujoco/model.h"

namespace trellis::mujoco {
namespace {

// Left out: characters, pointers, and offsets into asset data (the only 64-bit integers).
template <class T>
constexpr bool isNumber = !std::is_same_v<T, char> && (std::is_floating_point_v<T> || sizeof(T) < 8);

template <class T>
constexpr ElementType elementType() {
  if constexpr (std::is_same_v<T, double>) return ElementType::float64;
  else if constexpr (std::is_same_v<T, float>) return ElementType::float32;
  else if constexpr (sizeof(T) == 1) return ElementType::uint8;
  else return ElementType::int32;
}

struct StateName {
  const char* name;
  int component;
};
constexpr StateName stateNames[] = {
    {"time", mjSTATE_TIME},
    {"qpos", mjSTATE_QPOS},
    {"qvel", mjSTATE_QVEL},
    {"act", mjSTATE_ACT},
    {"history", mjSTATE_HISTORY},
    {"qacc_warmstart", mjSTATE_WARMSTART},
    {"ctrl", mjSTATE_CTRL},
    {"qfrc_applied", mjSTATE_QFRC_APPLIED},
    {"xfrc_applied", mjSTATE_XFRC_APPLIED},
    {"eq_active", mjSTATE_EQ_ACTIVE},
    {"mocap_pos", mjSTATE_MOCAP_POS},
    {"mocap_quat", mjSTATE_MOCAP_QUAT},
    {"userdata", mjSTATE_USERDATA},
    {"plugin_state", mjSTATE_PLUGIN},
    {"plastic", mjSTATE_PLASTIC},
};

int stateComponent(const std::string& name) {
  for (const StateName& state : stateNames)
    if (name == state.name) return state.component;
  return 0;
}

}  // namespace

// Counts of mjData that are outputs.
#define TRELLIS_COUNTS X(ncon) X(ne) X(nf) X(nl) X(nefc) X(nJ) X(nA) X(nisland) X(nidof)

size_t elementBytes(ElementType type) {
  switch (type) {
    case ElementType::float64:
      return 8;
    case ElementType::uint8:
      return 1;
    default:
      return 4;
  }
}

// Lists of macros, which the formatter takes for calls without semicolons.
// clang-format off
std::vector<ModelField> modelFields(const mjModel* m) {
  std::vector<ModelField> fields;
  MJMODEL_POINTERS_PREAMBLE(m)
#undef MJ_M
#define MJ_M(n) m->n
#define X(type, name, rows, columns) \
  if constexpr (isNumber<type>) fields.push_back({#name, elementType<type>(), m->name, m->rows, columns});
  MJMODEL_POINTERS
#undef X
#define X(type, name, size) fields.push_back({"opt." #name, elementType<type>(), &m->opt.name, 1, size});
#define XVEC(type, name, size) fields.push_back({"opt." #name, elementType<type>(), m->opt.name, 1, size});
  MJOPTION_FIELDS
#undef X
#undef XVEC
#undef MJ_M
#define MJ_M(n) n
  (void)nuser_body, (void)nuser_jnt, (void)nuser_geom, (void)nuser_site, (void)nuser_cam, (void)nuser_tendon;
  (void)nuser_actuator, (void)nuser_sensor, (void)nq, (void)nv, (void)na, (void)nu, (void)nmocap, (void)nplastic;
  return fields;
}

std::vector<std::pair<const char*, int64_t>> modelSizes(const mjModel* m) {
  std::vector<std::pair<const char*, int64_t>> sizes;
#define X(name) sizes.push_back({#name, static_cast<int64_t>(m->name)});
  MJMODEL_SIZES
#undef X
  return sizes;
}

std::vector<DataField> dataFields(const mjModel* m) {
  std::vector<DataField> fields;
  fields.push_back({"time", ElementType::float64, 1, 1, mjSTATE_TIME});
  // State rows hold every component as mjtNum, eq_active too.
#define X(type, name, rows, columns)                                                                   \
  if constexpr (isNumber<type>) {                                                                      \
    const int component = stateComponent(#name);                                                       \
    fields.push_back(                                                                                  \
        {#name, component ? ElementType::float64 : elementType<type>(), m->rows, columns, component}); \
  }
  MJDATA_POINTERS
#undef X
  fields.push_back({"energy", ElementType::float64, 1, 2, 0});
  fields.push_back({"solver_niter", ElementType::int32, mjNISLAND, 1, 0});
  fields.push_back({"solver_nnz", ElementType::int32, mjNISLAND, 1, 0});
  fields.push_back({"solver_fwdinv", ElementType::float64, 1, 2, 0});
#define X(count) fields.push_back({#count, ElementType::int32, 1, 1, 0});
  TRELLIS_COUNTS
#undef X
  return fields;
}

bool dataFieldPlace(const std::string& name, DataPlace& place) {
#define X(type, field, rows, columns)                 \
  if (name == #field) {                               \
    place = {offsetof(mjData, field), true};          \
    return true;                                      \
  }
  MJDATA_POINTERS
#undef X
#define X(field)                                      \
  if (name == #field) {                               \
    place = {offsetof(mjData, field), false};         \
    return true;                                      \
  }
  TRELLIS_COUNTS X(energy) X(solver_niter) X(solver_nnz) X(solver_fwdinv)
#undef X
  return false;
}
// clang-format on

}  // namespace trellis::mujoco
