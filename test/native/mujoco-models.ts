/** A hopping leg on a plane: slide and hinge joints, contacts, a sensor, a keyframe. */
export const legXml = `<mujoco model="leg">
  <option timestep="0.005" jacobian="dense"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 .1"/>
    <body name="trunk" pos="0 0 1">
      <joint name="lift" type="slide" axis="0 0 1"/>
      <geom name="belly" type="sphere" size="0.1"/>
      <body name="leg">
        <joint name="hip" type="hinge" axis="0 1 0" range="-60 60" limited="true"/>
        <geom name="thigh" type="capsule" size="0.05" fromto="0 0 0 0 0 -0.5"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor name="torque" joint="hip" gear="5" ctrlrange="-1 2" ctrllimited="true"/></actuator>
  <sensor><jointpos name="angle" joint="hip"/></sensor>
  <keyframe><key name="high" qpos="2 0.5"/></keyframe>
</mujoco>`;

/** Two boxes on a plane with room for their contacts, but not for what the solver does with them. */
export const starvedXml = `<mujoco>
  <size memory="15000"/>
  <worldbody>
    <geom type="plane" size="5 5 .1"/>
    <body pos="0 0 0.05"><freejoint/><geom type="box" size="0.1 0.1 0.1"/></body>
    <body pos="1 0 0.05"><freejoint/><geom type="box" size="0.1 0.1 0.1"/></body>
  </worldbody>
</mujoco>`;

/** A planar robot of two bodies. */
export const planarXml = `<mujoco model="planar">
  <option timestep="0.01" jacobian="dense"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 .1"/>
    <body name="trunk">
      <joint name="x" type="slide" axis="1 0 0"/>
      <joint name="z" type="slide" axis="0 0 1"/>
      <joint name="pitch" type="hinge" axis="0 1 0"/>
      <geom type="capsule" size="0.1" fromto="0 0 0 0 0 0.5"/>
      <body name="leg">
        <joint name="hip" type="hinge" axis="0 -1 0"/>
        <geom type="capsule" size="0.05" fromto="0 0 0 0.1 0 -0.5"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor name="torque" joint="hip" gear="5" ctrlrange="-1 1" ctrllimited="true"/></actuator>
</mujoco>`;
