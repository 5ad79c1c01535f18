#include "mujoco/requested.h"

#include <cstring>
#include <limits>

#include "models.h"
#include "mujoco/batch.h"

namespace trellis::mujoco {
namespace {

std::unique_ptr<Batch> makeBatch(const char* xml, int slots, bool persistent) {
  std::string error;
  auto batch = Batch::make(load(xml), slots, 2, persistent, error);
  EXPECT_NE(batch, nullptr) << error;
  return batch;
}

const mjtNum* output(Batch& batch, const char* name, int64_t& size) {
  Table table;
  EXPECT_TRUE(batch.output(name, table)) << name;
  size = table.size;
  return static_cast<const mjtNum*>(table.data);
}

TEST(Requested, ChangesNothingElse) {
  const char* names[] = {"xpos", "xmat", "cvel", "sensordata", "qacc", "qfrc_constraint", "actuator_force"};
  for (const bool persistent : {false, true}) {
    for (const bool expanded : {false, true}) {
      for (const int stage : {mjSTAGE_NONE, mjSTAGE_VEL, mjSTAGE_ACC}) {
        auto plain = makeBatch(legXml, 3, persistent), asking = makeBatch(legXml, 3, persistent);
        std::string error;
        Table table;
        for (auto& batch : {plain.get(), asking.get()}) {
          if (expanded) {
            ASSERT_TRUE(batch->expand("opt.gravity", table, error));
          }
        }
        for (const char* name : names) {
          ASSERT_TRUE(plain->output(name, table));
          ASSERT_TRUE(asking->output(name, table));
        }
        ASSERT_TRUE(asking->output("energy", table));
        ASSERT_TRUE(asking->output("subtree_linvel", table));
        if (stage != mjSTAGE_VEL) {
          ASSERT_TRUE(asking->output("cfrc_ext", table));
        }
        for (int time = 0; time < 100; time++) {
          for (auto& batch : {plain.get(), asking.get()}) {
            ASSERT_EQ(batch->step(nullptr, 0, 2, stage, error), 0);
            if (time == 50) {
              ASSERT_EQ(batch->reset(nullptr, 0, nullptr, mjSTAGE_ACC, error), 0);
            }
          }
          const size_t bytes = static_cast<size_t>(3 * plain->stateSize()) * sizeof(mjtNum);
          ASSERT_EQ(std::memcmp(plain->states(), asking->states(), bytes), 0);
          for (const char* name : names) {
            int64_t size;
            const mjtNum* a = output(*plain, name, size);
            const mjtNum* b = output(*asking, name, size);
            EXPECT_EQ(std::memcmp(a, b, static_cast<size_t>(3 * size) * sizeof(mjtNum)), 0)
                << name << " stage " << stage << " persistent " << persistent << " expanded " << expanded << " time "
                << time;
          }
        }
      }
    }
  }
}

TEST(Requested, FollowsForwardAndResetAndIsClearedWithoutAStage) {
  auto batch = makeBatch(legXml, 2, false);
  std::string error;
  int64_t size;
  const mjtNum* energy = output(*batch, "energy", size);
  ASSERT_EQ(size, 2);
  EXPECT_EQ(energy, output(*batch, "energy", size));
  EXPECT_EQ(energy[0], 0);
  ASSERT_EQ(batch->reset(nullptr, 0, nullptr, mjSTAGE_ACC, error), 0);
  EXPECT_GT(energy[0], 0);
  EXPECT_EQ(energy[0], energy[2]);
  int count;
  batch->states()[batch->componentOffset(mjSTATE_QVEL, &count)] = 3;
  ASSERT_EQ(batch->forward(nullptr, 0, mjSTAGE_ACC, error), 0);
  EXPECT_GT(energy[1], 1);
  EXPECT_EQ(energy[3], 0);
  const int first[] = {0};
  ASSERT_EQ(batch->reset(first, 1, nullptr, mjSTAGE_NONE, error), 0);
  EXPECT_EQ(energy[0], 0);
  EXPECT_GT(energy[2], 0);
}

TEST(Requested, ErrorsAndDivergenceStayWithTheirSlot) {
  for (const bool persistent : {false, true}) {
    auto batch = makeBatch(starvedXml, 3, persistent);
    std::string error;
    int64_t size;
    const mjtNum* forces = output(*batch, "cfrc_ext", size);
    int count;
    const int64_t qpos = batch->componentOffset(mjSTATE_QPOS, &count),
                  qvel = batch->componentOffset(mjSTATE_QVEL, &count);
    for (const int slot : {1, 2}) {
      mjtNum* row = batch->states() + slot * batch->stateSize();
      row[qpos + 2] = row[qpos + 9] = 50;
      if (slot == 2) row[qvel] = std::numeric_limits<mjtNum>::quiet_NaN();
    }
    EXPECT_EQ(batch->step(nullptr, 0, 1, mjSTAGE_ACC, error), 2);
    EXPECT_EQ(batch->faults()[0], static_cast<uint8_t>(Fault::engineError));
    EXPECT_EQ(batch->faults()[1], static_cast<uint8_t>(Fault::none));
    EXPECT_NE(batch->faults()[2], static_cast<uint8_t>(Fault::none));
    EXPECT_NE(batch->errorText(0), "");
    EXPECT_EQ(forces[size], 0);
  }
}

}  // namespace
}  // namespace trellis::mujoco
