/** Models that use what ours do not: quaternions, tendons, equalities, activations, other integrators and cones. */
export const extraModels: Readonly<Record<string, string>> = {
  'free bodies, elliptic cones, implicitfast': `<mujoco>
    <option timestep="0.004" jacobian="dense" cone="elliptic" integrator="implicitfast"/>
    <worldbody>
      <geom type="plane" size="5 5 .1"/>
      <body pos="0 0 0.4" euler="20 30 10"><freejoint/><geom type="box" size="0.1 0.2 0.15"/></body>
      <body pos="0.1 0 0.9"><freejoint/><geom type="ellipsoid" size="0.1 0.12 0.2"/></body>
      <body pos="0 0 1.5"><joint type="ball" damping="0.1"/><geom type="capsule" size="0.05" fromto="0 0 0 0.4 0 0"/>
        <body pos="0.4 0 0"><joint name="elbow" axis="0 1 0" stiffness="3"/><geom size="0.1" pos="0.2 0 0"/></body>
      </body>
    </worldbody>
    <actuator><motor joint="elbow" gear="8"/></actuator>
  </mujoco>`,
  'tendons, equalities, activations, Runge-Kutta': `<mujoco>
    <option timestep="0.01" jacobian="dense" integrator="RK4"/>
    <worldbody>
      <body pos="0 0 1"><joint name="a" axis="0 1 0" damping="0.2"/><geom type="capsule" size="0.04" fromto="0 0 0 0.5 0 0"/>
        <site name="s1" pos="0.3 0 0"/>
        <body pos="0.5 0 0"><joint name="b" axis="0 1 0" armature="0.05"/><geom type="capsule" size="0.04" fromto="0 0 0 0.5 0 0"/>
          <site name="s2" pos="0.3 0 0.1"/></body></body>
      <body pos="0 1 1"><joint name="c" type="slide" axis="0 0 1"/><geom size="0.1"/></body>
    </worldbody>
    <tendon><spatial name="t" springlength="0.4" stiffness="20"><site site="s1"/><site site="s2"/></spatial></tendon>
    <equality><joint joint1="c" joint2="a" polycoef="0 0.3 0 0 0"/></equality>
    <actuator><general joint="b" dyntype="filter" dynprm="0.1" gainprm="5"/><position joint="a" kp="10"/>
      <muscle tendon="t" force="30"/></actuator>
  </mujoco>`,
  'sparse constraint Jacobian, sixteen balls': `<mujoco>
    <option timestep="0.005" jacobian="sparse"/>
    <worldbody>
      <geom type="plane" size="5 5 .1"/>
      ${Array.from({ length: 16 }, (_, i) => `<body pos="${0.15 * (i % 4)} ${0.03 * i} ${0.3 + 0.21 * i}"><freejoint/><geom size="0.1" mass="${1 + i}"/></body>`).join('\n      ')}
      <body pos="2 0 1"><joint name="swing" axis="0 1 0"/><geom type="capsule" size="0.05" fromto="0 0 0 0.4 0 0"/></body>
    </worldbody>
    <actuator><motor joint="swing" gear="5"/></actuator>
  </mujoco>`,
};
