"""Models of other packages in Python's mujoco: a digest of the states after every step.

Arguments: steps, then model files. Writes one line of JSON a file: {"error"} or {"digest"}. Two simulations a model;
controls are those of the test, drawn by the same generator.
"""
import hashlib
import json
import sys

import mujoco
import numpy as np

if mujoco.mj_versionString() != '4.0.1':
    sys.exit(f'mujoco is {mujoco.mj_versionString()}; the oracle is 4.0.1')

steps, files = int(sys.argv[1]), sys.argv[2:]
for path in files:
    try:
        model = mujoco.MjModel.from_xml_path(path)
    except (ValueError, mujoco.FatalError) as error:
        print(json.dumps({'error': str(error)}), flush=True)
        continue
    low, high = model.actuator_ctrlrange.T.astype(float)
    limited = model.actuator_ctrllimited.astype(bool)
    low, high = np.where(limited, low, -1.0), np.where(limited, high, 1.0)
    signature = mujoco.mjtState.mjSTATE_INTEGRATION
    row = np.empty(mujoco.mj_stateSize(model, signature))
    data = [mujoco.MjData(model) for _ in range(2)]
    digest = hashlib.sha256()
    draw = 1
    for _ in range(steps):
        for d in data:
            for i in range(model.nu):
                draw = (draw * 1664525 + 1013904223) % 2**32
                d.ctrl[i] = low[i] + (high[i] - low[i]) * (draw / 2**32)
            mujoco.mj_step(model, d, 2)
            mujoco.mj_getState(model, d, row, signature)
            digest.update(row.tobytes())
    print(json.dumps({'digest': digest.hexdigest()}), flush=True)
