#include "mujoco/row_kernel.h"

#include <algorithm>

#include "models.h"
#include "mujoco/batch.h"

namespace trellis::mujoco {
namespace {

// The sum of positions, twice; and that of velocities.
class Sums : public RowKernel {
 public:
  static std::unique_ptr<RowKernel> make(const mjModel* model, std::string& problem) {
    problem = "it has sensors";
    if (model->nsensor > 0) return nullptr;
    std::unique_ptr<Sums> sums(new Sums({{"sums_q", 1, 2}, {"sums_v", 1, 1}}));
    sums->nq_ = static_cast<int>(model->nq);
    sums->nv_ = static_cast<int>(model->nv);
    return sums;
  }
  void compute(const mjtNum* qpos, const mjtNum* qvel, mjtNum* const* rows) const override {
    rows[0][0] = rows[0][1] = rows[1][0] = 0;
    for (int i = 0; i < nq_; i++) rows[0][0] = rows[0][1] += qpos[i];
    for (int i = 0; i < nv_; i++) rows[1][0] += qvel[i];
  }

 private:
  using RowKernel::RowKernel;
  int nq_ = 0, nv_ = 0;
};

TEST(RowKernel, IsFoundByTheNameItWasRegisteredWith) {
  std::string problem;
  const auto model = load(planarXml);
  EXPECT_EQ(makeRowKernel("sums", model->get(), problem), nullptr);
  EXPECT_EQ(problem, "there is no such kernel");
  registerRowKernel("sums", Sums::make);
  registerRowKernel("sums", Sums::make);
  const auto names = rowKernelNames();
  EXPECT_EQ(std::count(names.begin(), names.end(), "sums"), 1);
  EXPECT_NE(makeRowKernel("sums", model->get(), problem), nullptr);
  EXPECT_EQ(makeRowKernel("sums", load(legXml)->get(), problem), nullptr);
  EXPECT_EQ(problem, "it has sensors");
}

TEST(RowKernel, ItsOutputsFollowEveryStepOfEitherPath) {
  registerRowKernel("sums", Sums::make);
  for (const bool persistent : {false, true}) {
    std::string error;
    const auto model = load(planarXml);
    auto batch = Batch::make(model, 3, 2, persistent, error, makeRowKernel("sums", model->get(), error));
    ASSERT_NE(batch, nullptr) << error;
    EXPECT_EQ(batch->fast(), !persistent);
    Table q, v, row, none;
    ASSERT_TRUE(batch->output("sums_q", q) && batch->output("sums_v", v));
    EXPECT_EQ(q.size, 2);
    EXPECT_EQ(v.size, 1);
    ASSERT_TRUE(batch->gather({{0, "sums_q", 1, 1}, {mjSTATE_QVEL, "", 0, 4}}, row));
    EXPECT_FALSE(batch->output("planar_center", none));
    int size;
    for (int slot = 0; slot < 3; slot++)
      batch->states()[slot * batch->stateSize() + batch->componentOffset(mjSTATE_QVEL, &size)] = 0.1 * slot;
    for (int time = 0; time < 10; time++) {
      EXPECT_EQ(batch->step(nullptr, 0, 2, mjSTAGE_NONE, error), 0);
      for (int slot = 0; slot < 3; slot++) {
        const mjtNum* state = batch->states() + slot * batch->stateSize();
        const mjtNum* qpos = state + batch->componentOffset(mjSTATE_QPOS, &size);
        const mjtNum* qvel = state + batch->componentOffset(mjSTATE_QVEL, &size);
        const mjtNum sum = qpos[0] + qpos[1] + qpos[2] + qpos[3];
        EXPECT_EQ(static_cast<mjtNum*>(q.data)[2 * slot + 1], sum);
        EXPECT_EQ(static_cast<mjtNum*>(v.data)[slot], qvel[0] + qvel[1] + qvel[2] + qvel[3]);
        EXPECT_EQ(static_cast<float*>(row.data)[5 * slot], static_cast<float>(sum));
      }
    }
  }
}

TEST(Batch, SaysWhichOutputsKeepItFast) {
  std::string error;
  auto batch = Batch::make(load(planarXml), 2, 1, false, error);
  EXPECT_TRUE(batch->fast());
  for (const char* name : {"xpos", "qfrc_constraint", "energy", "cfrc_ext", "ncon"}) {
    EXPECT_TRUE(batch->keepsFast(name)) << name;
    Table table;
    EXPECT_TRUE(batch->output(name, table));
  }
  EXPECT_TRUE(batch->fast());
  EXPECT_FALSE(batch->keepsFast("qLD"));
  Table table;
  EXPECT_TRUE(batch->output("qLD", table));
  EXPECT_FALSE(batch->fast());
  EXPECT_FALSE(batch->keepsFast("xpos"));
}

}  // namespace
}  // namespace trellis::mujoco
