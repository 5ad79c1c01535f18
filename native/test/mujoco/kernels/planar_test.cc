#include "mujoco/kernels/planar.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <thread>

#include "../models.h"
#include "mujoco/batch.h"

namespace trellis::mujoco {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

struct Numbers {
  mjtNum features[2 * PlanarBodies::kFeatures];
  mjtNum center;
};

std::unique_ptr<RowKernel> make(const mjModel* model) {
  std::string problem;
  auto kernel = PlanarBodies::make(model, problem);
  EXPECT_TRUE(kernel || !problem.empty());
  return kernel;
}

Numbers compute(const RowKernel& planar, const mjtNum (&qpos)[4], const mjtNum (&qvel)[4]) {
  Numbers numbers;
  mjtNum* const rows[] = {numbers.features, &numbers.center};
  planar.compute(qpos, qvel, rows);
  return numbers;
}

TEST(PlanarBodies, AgreeWithMujoco) {
  const auto model = load(planarXml);
  const mjModel* m = model->get();
  const auto planar = make(m);
  ASSERT_NE(planar, nullptr);
  ASSERT_EQ(planar->outputs().size(), 2u);
  EXPECT_EQ(planar->outputs()[0].rows, 2);
  EXPECT_EQ(planar->outputs()[1].size(), 1u);
  mjData* d = mj_makeData(m);
  // Every quadrant, and far beyond one turn.
  for (int turn = -40; turn <= 40; turn++) {
    const mjtNum qpos[] = {0.3 * turn, 1, 0.37 * turn, -0.21 * turn};
    const mjtNum qvel[] = {1, -2, 0.1 * turn, 3};
    std::memcpy(d->qpos, qpos, sizeof qpos);
    std::memcpy(d->qvel, qvel, sizeof qvel);
    mj_forward(m, d);
    const Numbers numbers = compute(*planar, qpos, qvel);
    EXPECT_NEAR(numbers.center, d->subtree_com[3], 1e-14);
    for (int body = 0; body < 2; body++) {
      SCOPED_TRACE(body);
      const mjtNum* f = numbers.features + PlanarBodies::kFeatures * body;
      mjtNum velocity[6];
      mj_objectVelocity(m, d, mjOBJ_XBODY, body + 1, velocity, 0);
      const mjtNum* center = d->xipos + 3 * (body + 1);
      const mjtNum* frame = d->xpos + 3 * (body + 1);
      EXPECT_NEAR(f[0], center[0] - qpos[0], 1e-13);
      EXPECT_NEAR(f[1], center[2], 1e-13);
      EXPECT_NEAR(f[2], velocity[3] + velocity[1] * (center[2] - frame[2]), 1e-12);
      EXPECT_NEAR(f[3], velocity[5] - velocity[1] * (center[0] - frame[0]), 1e-12);
      EXPECT_NEAR(std::sin(f[4]), d->xmat[9 * (body + 1) + 2], 1e-13);
      EXPECT_NEAR(std::cos(f[4]), d->xmat[9 * (body + 1)], 1e-13);
      EXPECT_NEAR(f[5], velocity[1], 1e-12);
    }
  }
  mj_deleteData(d);
}

TEST(PlanarBodies, SurviveAnglesThatNobodyCanTurn) {
  const auto planar = make(load(planarXml)->get());
  for (const mjtNum angle : {1e15, -1e19, 1e300}) {
    const Numbers numbers = compute(*planar, {0, 1, angle, 0}, {0, 0, 0, 0});
    EXPECT_EQ(numbers.features[4], angle);
  }
  const mjtNum nothing = std::numeric_limits<mjtNum>::quiet_NaN();
  EXPECT_TRUE(std::isnan(compute(*planar, {0, 1, nothing, 0}, {0, 0, 0, 0}).center));
}

TEST(PlanarBodies, RefuseOtherModels) {
  EXPECT_EQ(make(load(legXml)->get()), nullptr);
  EXPECT_EQ(make(load(starvedXml)->get()), nullptr);
  const std::pair<const char*, const char*> changes[] = {
      {"type=\"slide\" axis=\"1 0 0\"", "type=\"slide\" axis=\"0 1 0\""},
      {"type=\"slide\" axis=\"0 0 1\"", "type=\"slide\" axis=\"0 0 1\" ref=\"1\""},
      {"type=\"hinge\" axis=\"0 1 0\"", "type=\"hinge\" axis=\"0 -1 0\""},
      {"axis=\"0 -1 0\"", "axis=\"0 -1 0\" ref=\"10\""},
      {"axis=\"0 -1 0\"", "axis=\"0 -1 0\" pos=\"0 0 0.1\""},
      {"axis=\"0 -1 0\"", "axis=\"1 0 0\""},
      {"pos=\"0.1 0 0\"", "pos=\"0.1 0 0\" euler=\"0 10 0\""},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_EQ(make(load(replaced(planarXml, from, to).c_str())->get()), nullptr) << to;
  }
}

TEST(Batch, GatheredRowsDoNotDependOnThreadsOrTheWayOfStepping) {
  const auto rows = [](int threads, bool persistent) {
    std::string error;
    const auto model = load(planarXml);
    auto batch = Batch::make(model, 20, threads, persistent, error, make(model->get()));
    EXPECT_NE(batch, nullptr) << error;
    Table table;
    EXPECT_TRUE(batch->gather({{mjSTATE_QPOS, "", 1, 3},
                               {0, "planar_bodies", 0, 12},
                               {0, "qfrc_constraint", 0, 4},
                               {0, "planar_center", 0, 1}},
                              table));
    EXPECT_EQ(table.size, 20);
    int size;
    for (int slot = 0; slot < 20; slot++)
      batch->states()[slot * batch->stateSize() + batch->componentOffset(mjSTATE_QVEL, &size)] = 0.1 * slot;
    for (int time = 0; time < 100; time++) EXPECT_EQ(batch->step(nullptr, 0, 2, mjSTAGE_NONE, error), 0);
    const float* data = static_cast<const float*>(table.data);
    return std::vector<float>(data, data + 400);
  };
  const std::vector<float> one = rows(1, false);
  EXPECT_NE(one[0], 0);
  EXPECT_EQ(one, rows(3, false));
  EXPECT_EQ(one, rows(2, true));
}

TEST(Batch, GatherRefusesUnknownOutputs) {
  std::string error;
  auto batch = Batch::make(load(legXml), 2, 1, false, error);
  Table table;
  EXPECT_FALSE(batch->gather({{0, "planar_center", 0, 1}}, table));
  EXPECT_FALSE(batch->output("planar_bodies", table));
}

}  // namespace
}  // namespace trellis::mujoco
