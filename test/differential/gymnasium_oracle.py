"""Gymnasium's own episodes, as the differential test replays them: one JSON document on standard output.

Reads one line of JSON from standard input: {"id", "steps", "bound", "single"}. Actions are uniform in ±1 in single
precision; Gymnasium is given them times `bound`, in single precision as its action space says, or in double. Writes
{"model", "episodes": [{"qpos", "qvel", "first", "actions", "observations", "rewards", "terminated", "states"}]}.
"""
import json
import os
import sys
import types

import gymnasium
import mujoco
import numpy as np

if not gymnasium.__version__.startswith('1.4.') or mujoco.mj_versionString() != '4.0.1':
    sys.exit(f'gymnasium {gymnasium.__version__}, mujoco {mujoco.mj_versionString()}; the oracle is 1.4 on 4.0.1')

# Nobody asks for pictures here: without what makes them Gymnasium needs no package but numpy and mujoco.
rendering = types.ModuleType('gymnasium.envs.mujoco.mujoco_rendering')
rendering.MujocoRenderer = lambda *_, **__: None
sys.modules[rendering.__name__] = rendering
task = json.loads(sys.stdin.readline())
env = gymnasium.make(task['id']).unwrapped
rng = np.random.default_rng(3)
episodes = []
left = task['steps']
while left > 0:
    first, _ = env.reset(seed=len(episodes))
    row = {
        'qpos': env.data.qpos.tolist(),
        'qvel': env.data.qvel.tolist(),
        'first': first.tolist(),
        'actions': [], 'observations': [], 'rewards': [], 'terminated': [], 'states': [],
    }
    terminated = False
    while left > 0 and not terminated:
        action = rng.uniform(-1, 1, env.action_space.shape[0]).astype(np.float32)
        given = action if task['single'] else task['bound'] * action.astype(np.float64)
        observation, reward, terminated, _, _ = env.step(given)
        row['actions'].append(action.tolist())
        row['observations'].append(observation.tolist())
        row['rewards'].append(float(reward))
        row['terminated'].append(int(terminated))
        row['states'].append([*env.data.qpos.tolist(), *env.data.qvel.tolist()])
        left -= 1
    episodes.append(row)
print(json.dumps({'model': os.path.abspath(env.fullpath), 'episodes': episodes}))
