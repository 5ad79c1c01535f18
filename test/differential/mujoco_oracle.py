"""Plain mj_step in Python's mujoco: states and derived fields after every control step, as raw doubles.

Reads one line of JSON from standard input: {"xml" or "path", "substeps", "slots", "fields"}, then controls
[steps x slots x nu] as doubles. Writes [steps x slots x (state row, fields at the stage "velocity")] to standard output.
With "requested": "none" or "acceleration" the fields are those that MuJoCo computes on request, right after the steps or
after mj_forward at the new state.
"""
import json
import sys

import mujoco
import numpy as np

if mujoco.mj_versionString() != '4.0.1':
    sys.exit(f'mujoco is {mujoco.mj_versionString()}; the oracle is 4.0.1')

task = json.loads(sys.stdin.buffer.readline())
if 'xml' in task:
    model = mujoco.MjModel.from_xml_string(task['xml'])
else:
    model = mujoco.MjModel.from_xml_path(task['path'])
slots = task['slots']
controls = np.frombuffer(sys.stdin.buffer.read()).reshape(-1, slots, model.nu)
signature = mujoco.mjtState.mjSTATE_INTEGRATION
row = np.empty(mujoco.mj_stateSize(model, signature))
requested = task.get('requested')
if requested:
    model.opt.enableflags |= mujoco.mjtEnableBit.mjENBL_ENERGY
data = [mujoco.MjData(model) for _ in range(slots)]
observer = mujoco.MjData(model)
for step in controls:
    for d, control in zip(data, step):
        d.ctrl[:] = control
        for _ in range(task['substeps']):
            mujoco.mj_step(model, d)
        mujoco.mj_getState(model, d, row, signature)
        sys.stdout.buffer.write(row.tobytes())
        seen = d
        if requested != 'none':
            # Fields at the new state, computed apart so that the simulation is not touched.
            seen = observer
            mujoco.mj_setState(model, observer, row, signature)
            mujoco.mj_forwardSkip(model, observer, 0, 0)
        if requested:
            mujoco.mj_subtreeVel(model, seen)
            mujoco.mj_rnePostConstraint(model, seen)
        for name in task['fields']:
            sys.stdout.buffer.write(np.asarray(getattr(seen, name), dtype=float).tobytes())
