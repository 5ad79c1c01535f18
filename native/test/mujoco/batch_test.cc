#include "mujoco/batch.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <thread>

#include "models.h"

namespace trellis::mujoco {
namespace {

using DataPointer = std::unique_ptr<mjData, decltype(&mj_deleteData)>;

struct Fixture {
  explicit Fixture(int slots, int threads = 1, const char* xml = legXml, bool persistent = false) : model(load(xml)) {
    std::string error;
    batch = Batch::make(model, slots, threads, persistent, error);
    EXPECT_NE(batch, nullptr) << error;
  }
  mjtNum* component(int bit, int slot) {
    int size;
    return batch->states() + batch->componentOffset(bit, &size) + static_cast<int64_t>(slot) * batch->stateSize();
  }
  // Controls that differ by slot and time.
  void drive(int time) {
    for (int slot = 0; slot < batch->slots(); slot++) component(mjSTATE_CTRL, slot)[0] = std::sin(0.3 * time + slot);
  }
  int step(int substeps = 1, int stage = mjSTAGE_NONE) { return batch->step(nullptr, 0, substeps, stage, error); }
  std::vector<mjtNum> rows() {
    return {batch->states(), batch->states() + static_cast<int64_t>(batch->slots()) * batch->stateSize()};
  }
  std::shared_ptr<Model> model;
  std::unique_ptr<Batch> batch;
  std::string error;
};

// Stage "none" of a batch that is not persistent goes through Stepper, everything else through mjBatch.
struct Way {
  bool persistent;
  int stage;
};
const Way ways[] = {{false, mjSTAGE_NONE}, {false, mjSTAGE_POS}, {true, mjSTAGE_NONE}, {true, mjSTAGE_POS}};

TEST(Batch, EqualsALoopOverMjStepToTheLastBit) {
  for (const Way way : ways) {
    Fixture f(5, 2, legXml, way.persistent);
    Table geoms;
    ASSERT_TRUE(f.batch->output("geom_xpos", geoms));
    ASSERT_EQ(f.batch->reset(nullptr, 0, nullptr, mjSTAGE_ACC, f.error), 0);
    std::vector<DataPointer> data;
    for (int slot = 0; slot < 5; slot++) data.emplace_back(mj_makeData(f.model->get()), mj_deleteData);
    for (int time = 0; time < 200; time++) {
      f.drive(time);
      ASSERT_EQ(f.step(3, way.stage), 0);
      for (int slot = 0; slot < 5; slot++) {
        mjData* d = data[static_cast<size_t>(slot)].get();
        d->ctrl[0] = std::sin(0.3 * time + slot);
        for (int i = 0; i < 3; i++) mj_step(f.model->get(), d);
        std::vector<mjtNum> row(static_cast<size_t>(f.batch->stateSize()));
        mj_getState(f.model->get(), d, row.data(), mjSTATE_INTEGRATION);
        ASSERT_EQ(std::memcmp(row.data(), f.batch->states() + slot * f.batch->stateSize(), row.size() * sizeof(mjtNum)),
                  0);
        if (way.stage == mjSTAGE_POS) mj_kinematics(f.model->get(), d);
        ASSERT_EQ(std::memcmp(d->geom_xpos, static_cast<mjtNum*>(geoms.data) + slot * geoms.size,
                              static_cast<size_t>(geoms.size) * sizeof(mjtNum)),
                  0);
      }
    }
  }
}

TEST(Batch, SubsetsLeaveOtherSlotsAlone) {
  Fixture f(4, 2);
  f.drive(1);
  const std::vector<mjtNum> before = f.rows();
  const int slots[] = {1, 3};
  ASSERT_EQ(f.batch->step(slots, 2, 5, mjSTAGE_VEL, f.error), 0);
  const std::vector<mjtNum> after = f.rows();
  const auto same = [&](int slot) {
    const size_t bytes = static_cast<size_t>(f.batch->stateSize()) * sizeof(mjtNum);
    const size_t at = static_cast<size_t>(slot * f.batch->stateSize());
    return std::memcmp(&before[at], &after[at], bytes) == 0;
  };
  EXPECT_TRUE(same(0));
  EXPECT_FALSE(same(1));
  EXPECT_TRUE(same(2));
  EXPECT_FALSE(same(3));
  EXPECT_EQ(f.batch->step(slots, 0, 5, mjSTAGE_VEL, f.error), 0);
  EXPECT_EQ(f.rows(), after);
}

TEST(Batch, RestoreReplaysFromAnySlotToTheLastBit) {
  for (const int stage : {mjSTAGE_NONE, mjSTAGE_POS, mjSTAGE_VEL, mjSTAGE_ACC}) {
    for (const bool persistent : {false, true}) {
      Fixture f(4, 2, legXml, persistent);
      for (int time = 0; time < 80; time++) {
        f.drive(time);
        ASSERT_EQ(f.step(2), 0);
      }
      const int all[] = {0, 1, 2, 3};
      std::vector<mjtNum> saved(static_cast<size_t>(4 * f.batch->stateSize()));
      f.batch->save(all, 4, saved.data());
      const auto run = [&] {
        for (int time = 0; time < 40; time++) {
          for (int slot = 0; slot < 4; slot++) f.component(mjSTATE_CTRL, slot)[0] = std::cos(0.2 * time);
          EXPECT_EQ(f.step(2, mjSTAGE_VEL), 0);
        }
        return f.rows();
      };
      const std::vector<mjtNum> first = run();
      const int slots[] = {3, 0, 2, 1};
      const int rows[] = {1, 1, 2, 0};
      ASSERT_EQ(f.batch->restore(saved.data(), slots, rows, 4, stage, f.error), 0);
      const std::vector<mjtNum> second = run();
      const size_t size = static_cast<size_t>(f.batch->stateSize());
      for (int i = 0; i < 4; i++) {
        for (size_t j = 0; j < size; j++)
          ASSERT_EQ(second[static_cast<size_t>(slots[i]) * size + j], first[static_cast<size_t>(rows[i]) * size + j]);
      }
    }
  }
}

TEST(Batch, ReportsEveryDivergenceOnce) {
  Fixture f(3);
  for (int round = 0; round < 3; round++) {
    f.component(mjSTATE_QVEL, 1)[0] = 1e12;
    EXPECT_EQ(f.step(2), 1);
    EXPECT_EQ(f.batch->faults()[0], static_cast<uint8_t>(Fault::none));
    EXPECT_EQ(f.batch->faults()[1], static_cast<uint8_t>(Fault::diverged));
    EXPECT_EQ(f.batch->warningCounts()[mjNWARNING + mjWARN_BADQVEL], round + 1);
    EXPECT_LT(std::abs(f.component(mjSTATE_QVEL, 1)[0]), 1.0);
    EXPECT_EQ(f.step(2), 0);
    EXPECT_EQ(f.batch->faults()[1], static_cast<uint8_t>(Fault::none));
  }
  EXPECT_FALSE(std::filesystem::exists("MUJOCO_LOG.TXT"));
}

TEST(Batch, AnEngineErrorLeavesTheOtherSlotsAndTheProcessAlone) {
  Fixture f(2, 1, starvedXml);
  // Slot 1 is lifted out of contact, so that only slot 0 needs constraints.
  f.component(mjSTATE_QPOS, 1)[2] = 50;
  f.component(mjSTATE_QPOS, 1)[9] = 50;
  const std::vector<mjtNum> before = f.rows();
  EXPECT_EQ(f.step(), 1);
  EXPECT_EQ(f.batch->faults()[0], static_cast<uint8_t>(Fault::engineError));
  EXPECT_EQ(f.batch->faults()[1], static_cast<uint8_t>(Fault::none));
  EXPECT_FALSE(f.batch->errorText(0).empty());
  EXPECT_EQ(f.batch->errorText(1), "");
  EXPECT_EQ(f.batch->states()[0], before[0]);
  EXPECT_GT(f.component(mjSTATE_TIME, 1)[0], 0);
}

TEST(Batch, FindsControlsThatAreNotFinite) {
  Fixture f(3);
  EXPECT_EQ(f.batch->findBadControl(nullptr, 0), -1);
  f.component(mjSTATE_CTRL, 2)[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(f.batch->findBadControl(nullptr, 0), 2);
  const int others[] = {0, 1};
  EXPECT_EQ(f.batch->findBadControl(others, 2), -1);
}

TEST(Batch, OutputsHaveTheDescribedSizes) {
  Fixture f(3);
  for (const DataField& field : dataFields(f.model->get())) {
    SCOPED_TRACE(field.name);
    if (field.stateComponent) {
      int size;
      f.batch->componentOffset(field.stateComponent, &size);
      EXPECT_EQ(size, field.rows * field.columns);
    } else {
      Table table;
      EXPECT_TRUE(f.batch->output(field.name, table));
      EXPECT_EQ(table.size, field.rows * field.columns);
    }
  }
  Table table;
  EXPECT_FALSE(f.batch->output("no_such_field", table));
  EXPECT_FALSE(f.batch->output("qpos", table));
}

TEST(Batch, OutputsOfAPlainStepAreThoseOfMjBatch) {
  const char* names[] = {"xpos",      "xipos",        "geom_xpos",       "cvel",           "cinert",
                         "cdof",      "subtree_com",  "sensordata",      "actuator_force", "actuator_length",
                         "qfrc_bias", "qfrc_passive", "qfrc_constraint", "qacc",           "ncon",
                         "nefc"};
  Fixture plain(3, 2), books(3, 1, legXml, true);
  for (int time = 0; time < 200; time++) {
    plain.drive(time);
    books.drive(time);
    ASSERT_EQ(plain.step(2), 0);
    ASSERT_EQ(books.step(2), 0);
    ASSERT_EQ(plain.rows(), books.rows());
    for (const char* name : names) {
      Table a, b;
      ASSERT_TRUE(plain.batch->output(name, a));
      ASSERT_TRUE(books.batch->output(name, b));
      const size_t element = name[0] == 'n' ? sizeof(int) : sizeof(mjtNum);
      if (time > 0) {
        ASSERT_EQ(std::memcmp(a.data, b.data, 3 * static_cast<size_t>(a.size) * element), 0) << name;
      }
    }
  }
}

TEST(Batch, ParametersDifferBySlot) {
  Fixture f(2);
  Table gravity, mass;
  ASSERT_TRUE(f.batch->expand("opt.gravity", gravity, f.error));
  ASSERT_EQ(gravity.size, 3);
  EXPECT_EQ(static_cast<mjtNum*>(gravity.data)[2], f.model->get()->opt.gravity[2]);
  static_cast<mjtNum*>(gravity.data)[3 + 2] = 0;
  ASSERT_EQ(f.step(4), 0);
  EXPECT_LT(f.component(mjSTATE_QVEL, 0)[0], 0);
  EXPECT_EQ(f.component(mjSTATE_QVEL, 1)[0], 0);
  ASSERT_TRUE(f.batch->expand("body_mass", mass, f.error));
  static_cast<mjtNum*>(mass.data)[1] *= 3;
  EXPECT_EQ(f.batch->setConstants(nullptr, 0, f.error), 0);
  EXPECT_FALSE(f.batch->expand("mesh_vert", mass, f.error));
}

TEST(Batch, KeyframesBySlot) {
  Fixture f(3);
  const int keyframes[] = {-1, 0, -1};
  ASSERT_EQ(f.batch->reset(nullptr, 0, keyframes, mjSTAGE_ACC, f.error), 0);
  EXPECT_EQ(f.component(mjSTATE_QPOS, 0)[0], 0);
  EXPECT_EQ(f.component(mjSTATE_QPOS, 1)[0], 2);
  EXPECT_EQ(f.component(mjSTATE_QPOS, 1)[1], 0.5);
}

TEST(Batch, RejectedCallsReturnMujocosText) {
  Fixture f(3);
  const int unsorted[] = {2, 1};
  EXPECT_EQ(f.batch->step(unsorted, 2, 1, mjSTAGE_VEL, f.error), -1);
  EXPECT_FALSE(f.error.empty());
  EXPECT_EQ(f.step(), 0);
}

TEST(Batch, SeveralBatchesOfOneModelAtOnce) {
  Fixture a(4, 2);
  std::string error;
  std::unique_ptr<Batch> b = Batch::make(a.model, 4, 2, false, error);
  ASSERT_NE(b, nullptr);
  a.drive(1);
  std::memcpy(b->states(), a.batch->states(), static_cast<size_t>(4 * b->stateSize()) * sizeof(mjtNum));
  std::thread other([&] { EXPECT_EQ(b->step(nullptr, 0, 300, mjSTAGE_NONE, error), 0); });
  EXPECT_EQ(a.step(300), 0);
  other.join();
  EXPECT_EQ(std::memcmp(b->states(), a.batch->states(), static_cast<size_t>(4 * b->stateSize()) * sizeof(mjtNum)), 0);
}

TEST(Batch, SaysWhatItTakes) {
  Fixture few(10), many(1000), apart(1000, 1, legXml, true);
  EXPECT_GT(many.batch->memory(), few.batch->memory());
  EXPECT_GT(apart.batch->memory(), 1000 * apart.model->dataBytes());
}

}  // namespace
}  // namespace trellis::mujoco
