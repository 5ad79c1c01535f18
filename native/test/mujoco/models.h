// Small models that the suites share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "mujoco/model.h"

namespace trellis::mujoco {

// A hopping leg on a plane: a slide joint, a hinge, contacts, a sensor, a keyframe.
inline const char* legXml = R"(<mujoco>
  <option timestep="0.005" jacobian="dense"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 .1"/>
    <body name="trunk" pos="0 0 1">
      <joint name="lift" type="slide" axis="0 0 1"/>
      <geom name="trunk" type="sphere" size="0.1"/>
      <body name="leg">
        <joint name="hip" type="hinge" axis="0 1 0" range="-60 60" limited="true"/>
        <geom name="leg" type="capsule" size="0.05" fromto="0 0 0 0 0 -0.5"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor name="torque" joint="hip" gear="5" ctrlrange="-1 1"/></actuator>
  <sensor><jointpos name="angle" joint="hip"/></sensor>
  <keyframe><key name="high" qpos="2 0.5"/></keyframe>
</mujoco>)";

// Has room for its contacts but not for what the solver does with them: an engine error, not a warning.
inline const char* starvedXml = R"(<mujoco>
  <size memory="15000"/>
  <worldbody>
    <geom type="plane" size="5 5 .1"/>
    <body pos="0 0 0.05"><freejoint/><geom type="box" size="0.1 0.1 0.1"/></body>
    <body pos="1 0 0.05"><freejoint/><geom type="box" size="0.1 0.1 0.1"/></body>
  </worldbody>
</mujoco>)";

// A planar robot of two bodies.
inline const char* planarXml = R"(<mujoco>
  <option timestep="0.01" jacobian="dense"/>
  <worldbody>
    <geom type="plane" size="5 5 .1"/>
    <body name="trunk">
      <joint type="slide" axis="1 0 0"/>
      <joint type="slide" axis="0 0 1"/>
      <joint type="hinge" axis="0 1 0"/>
      <geom type="capsule" size="0.1" fromto="0 0 0 0 0 0.5"/>
      <body name="leg" pos="0.1 0 0">
        <joint name="hip" type="hinge" axis="0 -1 0"/>
        <geom type="capsule" size="0.05" fromto="0 0 0 0.1 0 -0.5"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="hip" gear="5" ctrlrange="-1 1"/></actuator>
</mujoco>)";

inline std::shared_ptr<Model> load(const char* xml) {
  std::string error;
  std::shared_ptr<Model> model = Model::fromXml(xml, "", {}, -1, error);
  EXPECT_NE(model, nullptr) << error;
  return model;
}

}  // namespace trellis::mujoco
