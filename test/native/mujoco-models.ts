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

/** A ball of 2 kg on a plane. */
export const ballXml = `<mujoco>
  <worldbody>
    <geom type="plane" size="5 5 .1"/>
    <body pos="0 0 0.1"><freejoint/><geom size="0.1" mass="2"/></body>
  </worldbody>
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

/** A mesh and an included body for `richXml`. */
export const richAssets = {
  't.obj': 'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n',
  'part.xml': '<mujocoinclude><body><freejoint/><geom size=".1" mass="1"/></body></mujocoinclude>',
};

/** One of nearly everything; needs a mesh "t.obj" and an included "part.xml" with a body. */
export const richXml = `<mujoco model="rich">
  <option timestep="0.004" density="1.2" viscosity="0.001" wind="1 0 0"/>
  <asset>
    <mesh name="tetra" file="t.obj"/>
    <hfield name="hills" nrow="4" ncol="4" size="2 2 0.3 0.1" elevation="0 1 0 1 1 0 1 0 0 1 0 1 1 0 1 0"/>
    <texture name="sky" type="skybox" builtin="gradient" width="8" height="48" rgb1="1 0 0" rgb2="0 0 1"/>
    <texture name="tiles" type="2d" builtin="checker" width="16" height="16" rgb1="1 1 1" rgb2="0 0 0"/>
    <material name="tiled" texture="tiles"/>
  </asset>
  <worldbody>
    <geom name="ground" type="hfield" hfield="hills"/>
    <light name="sun" pos="0 0 3"/>
    <camera name="eye" pos="0 -3 1"/>
    <body name="stone" pos="0 0 2"><freejoint/><geom type="mesh" mesh="tetra" material="tiled"/></body>
    <include file="part.xml"/>
    <body name="swing" pos="2 0 2"><joint name="pivot" axis="0 1 0"/><geom type="capsule" size="0.05" fromto="0 0 0 0.4 0 0"/>
      <site name="tip" pos="0.4 0 0"/></body>
    <site name="hook" pos="2.5 0 3"/>
    <body name="frame" pos="0 3 1"><joint name="slider" type="slide" axis="0 0 1" range="-1 1" stiffness="3"/>
      <geom name="bar" type="cylinder" size="0.1 0.2" fluidshape="ellipsoid"/>
      <body name="door"><joint name="ball" type="ball" range="0 1" damping="0.1" frictionloss="0.1"/>
        <geom name="panel" type="box" size="0.2 0.02 0.3" pos="0.2 0 0"/><site name="side" pos="0.3 0 0.3"/></body></body>
    <body name="disc" pos="0.5 0.5 1.5"><freejoint/><geom type="ellipsoid" size="0.1 0.2 0.05"/></body>
    <body name="rod" pos="-0.5 0.5 1.5"><freejoint/><geom type="capsule" size="0.05 0.2"/></body>
    <body name="hand" mocap="true"><geom size="0.05" contype="0" conaffinity="0"/></body>
    <flexcomp name="cloth" type="grid" count="4 4 1" spacing="0.1 0.1 0.1" pos="-2 0 1.5" radius="0.01" dim="2" mass="0.5">
      <edge equality="true"/>
    </flexcomp>
  </worldbody>
  <tendon>
    <spatial name="string" range="0 2" frictionloss="0.1"><site site="tip"/><geom geom="bar" sidesite="side"/><site site="hook"/></spatial>
    <fixed name="pulley" stiffness="2" damping="0.1"><joint joint="pivot" coef="1"/><joint joint="slider" coef="-1"/></fixed>
  </tendon>
  <actuator>
    <position name="servo" joint="pivot" kp="5"/>
    <muscle name="muscle" tendon="string" force="30"/>
    <general name="filter" joint="pivot" dyntype="filterexact" dynprm="0.1" gainprm="2" biastype="affine" biasprm="0 -1 -1"/>
    <adhesion name="glue" body="stone" ctrlrange="0 1" gain="2"/>
    <cylinder name="piston" joint="slider" timeconst="0.1" area="0.1"/>
  </actuator>
  <sensor>
    <framepos name="where" objtype="site" objname="tip"/>
    <touch name="felt" site="tip"/>
    <accelerometer name="shaken" site="tip"/>
    <rangefinder name="seen" site="hook"/>
    <tendonpos name="stretched" tendon="string"/>
    <subtreeangmom name="spun" body="swing"/>
  </sensor>
  <equality>
    <weld name="held" body1="stone" body2="hand" active="false"/>
    <connect name="linked" body1="door" body2="frame" anchor="0 0 0"/>
    <joint name="geared" joint1="pivot" joint2="slider" polycoef="0 0.1 0 0 0"/>
    <tendon name="tied" tendon1="string" tendon2="pulley"/>
  </equality>
  <contact><exclude body1="swing" body2="stone"/><pair geom1="bar" geom2="ground"/></contact>
  <custom><numeric name="two" data="2"/><text name="hello" data="there"/></custom>
  <keyframe><key name="start" time="1"/></keyframe>
</mujoco>`;
