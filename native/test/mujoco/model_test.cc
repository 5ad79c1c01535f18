#include "mujoco/model.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "models.h"
#include "mujoco/error_trap.h"

namespace trellis::mujoco {
namespace {

std::string errorOf(const char* xml) {
  std::string error;
  EXPECT_EQ(Model::fromXml(xml, "", {}, -1, error), nullptr);
  return error;
}

TEST(Model, SaysWhatIsWrongAndWhere) {
  const std::string keyword = errorOf("<mujoco>\n<worldbody>\n<geom type=\"ball\" size=\"1\"/>\n</worldbody></mujoco>");
  EXPECT_NE(keyword.find("ball"), std::string::npos) << keyword;
  EXPECT_NE(keyword.find("line 3"), std::string::npos) << keyword;
  const std::string massless =
      errorOf("<mujoco><worldbody>\n<body name=\"ghost\"><joint/></body></worldbody></mujoco>");
  EXPECT_NE(massless.find("ghost"), std::string::npos) << massless;
  EXPECT_FALSE(errorOf("<mujoco").empty());
  std::string error;
  EXPECT_EQ(Model::fromFile("no/such/file.xml", -1, error), nullptr);
  EXPECT_NE(error.find("no/such/file.xml"), std::string::npos) << error;
}

TEST(Model, FileAndStringGiveTheSameBytes) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "trellis_model_test.xml";
  std::ofstream(path) << legXml;
  std::string error;
  const std::shared_ptr<Model> fromFile = Model::fromFile(path.string(), -1, error);
  ASSERT_NE(fromFile, nullptr) << error;
  EXPECT_EQ(fromFile->contents(), load(legXml)->contents());
  std::filesystem::remove(path);
}

TEST(Model, FindsAssetsInMemoryAndInTheDirectory) {
  const std::string xml = R"(<mujoco><asset><mesh name="m" file="tetra.obj"/></asset>
    <worldbody><geom type="mesh" mesh="m"/></worldbody></mujoco>)";
  const std::string mesh = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n";
  std::string error;
  EXPECT_EQ(Model::fromXml(xml, "", {}, -1, error), nullptr);
  const std::shared_ptr<Model> inMemory =
      Model::fromXml(xml, "", {{"tetra.obj", mesh.data(), static_cast<int>(mesh.size())}}, -1, error);
  ASSERT_NE(inMemory, nullptr) << error;
  EXPECT_EQ(inMemory->get()->nmeshvert, 4);

  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "trellis_model_assets";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "tetra.obj") << mesh;
  EXPECT_NE(Model::fromXml(xml, folder.string(), {}, -1, error), nullptr) << error;
  std::filesystem::remove_all(folder);
}

TEST(Model, RejectsAnAssetGivenTwice) {
  std::string error;
  EXPECT_EQ(Model::fromXml(legXml, "", {{"a.obj", "v", 1}, {"a.obj", "v", 1}}, -1, error), nullptr);
  EXPECT_NE(error.find("a.obj"), std::string::npos) << error;
}

TEST(Model, DescribesFieldsAsMujocoHasThem) {
  const std::shared_ptr<Model> model = load(legXml);
  const mjModel* m = model->get();
  std::set<std::string> names;
  for (const ModelField& field : modelFields(m)) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    if (std::string(field.name) == "body_ipos") {
      EXPECT_EQ(field.rows, m->nbody);
      EXPECT_EQ(field.columns, 3);
      EXPECT_EQ(field.data, m->body_ipos);
      EXPECT_EQ(field.type, ElementType::float64);
    }
    if (std::string(field.name) == "geom_rgba") {
      EXPECT_EQ(field.type, ElementType::float32);
    }
    if (std::string(field.name) == "jnt_limited") {
      EXPECT_EQ(field.type, ElementType::uint8);
    }
  }
  EXPECT_TRUE(names.count("opt.timestep"));
  EXPECT_FALSE(names.count("names"));
}

TEST(Model, KeepsWhatIsLoggedWhileItIsCompiled) {
  takeWarnings();
  std::string old = legXml, error;
  old.replace(old.find("<option"), 0, "<compiler settotalmass=\"2\"/>");
  const std::shared_ptr<Model> model = Model::fromXml(old, "", {}, -1, error);
  ASSERT_NE(model, nullptr) << error;
  EXPECT_NE(model->compilerWarnings().find("settotalmass"), std::string::npos) << model->compilerWarnings();
  EXPECT_EQ(load(legXml)->compilerWarnings(), "");
  EXPECT_TRUE(takeWarnings().empty());
  // Afterwards warnings go where they went before.
  mju_warning("later");
  EXPECT_EQ(takeWarnings().size(), 1u);
}

TEST(Model, TakesAnotherJacobian) {
  std::string error;
  EXPECT_EQ(load(legXml)->get()->opt.jacobian, mjJAC_DENSE);
  EXPECT_EQ(Model::fromXml(legXml, "", {}, mjJAC_SPARSE, error)->get()->opt.jacobian, mjJAC_SPARSE);
}

TEST(Model, ContentsLeaveOutVisualSettingsAndPaths) {
  std::string other = legXml;
  other.replace(other.find("<option"), 0, "<visual><global fovy=\"60\"/></visual>");
  EXPECT_EQ(load(other.c_str())->contents(), load(legXml)->contents());
  other.replace(other.find("0.005"), 5, "0.004");
  EXPECT_NE(load(other.c_str())->contents(), load(legXml)->contents());
}

TEST(Model, KnowsWhatOneSimulationTakes) {
  const std::shared_ptr<Model> model = load(legXml);
  EXPECT_GT(model->dataBytes(), static_cast<int64_t>(sizeof(mjData)));
  EXPECT_LT(model->dataBytes(), 1 << 20);
}

}  // namespace
}  // namespace trellis::mujoco
