"""Gymnasium's own episodes, as the differential test replays them: one JSON document on standard output.

Reads one line of JSON from standard input: {"id", "steps", "seed", "reach", "scale", "single", "options"}. Episodes start
with seeds `seed`, `seed` + 1 …; actions are uniform in ± `reach`, of single precision, and given to Gymnasium times `scale`,
in single or double precision. Writes {"model", "episodes": [{"state", "first", "actions", "observations",
"rewards", "terminated", "truncated", "states"}]}; observations are rounded to single precision.
"""
import json
import os
import sys
import types

# Norms of the Reacher and the Pusher come from here; with other kernels they are fused, and differ in the last bit.
os.environ['OPENBLAS_CORETYPE'] = 'Haswell'

import gymnasium
import numpy as np

# Nobody asks for pictures here: without what makes them Gymnasium needs no package but numpy and mujoco.
rendering = types.ModuleType('gymnasium.envs.mujoco.mujoco_rendering')
rendering.MujocoRenderer = lambda *_, **__: None
sys.modules[rendering.__name__] = rendering
task = json.loads(sys.stdin.readline())
made = gymnasium.make(task['id'], disable_env_checker=True, **task['options'])
env = made.unwrapped
mujoco = hasattr(env, 'data')
if not gymnasium.__version__.startswith('1.4.'):
    sys.exit(f'gymnasium {gymnasium.__version__}; the oracle is 1.4')
if mujoco:
    import mujoco as library

    if library.mj_versionString() != '4.0.1':
        sys.exit(f'mujoco {library.mj_versionString()}; the oracle is 4.0.1')


def state():
    if mujoco:
        return [*env.data.qpos.tolist(), *env.data.qvel.tolist()]
    return [float(x) for x in env.state]


def single(observation):
    return np.asarray(observation, np.float32).tolist()


rng = np.random.default_rng(task['seed'])
episodes = []
left = task['steps']
while left > 0:
    first, _ = made.reset(seed=task['seed'] + len(episodes))
    row = {'state': state(), 'first': single(first)}
    names = ['actions', 'observations', 'rewards', 'terminated', 'truncated', 'states']
    row.update({name: [] for name in names})
    terminated = truncated = False
    while left > 0 and not terminated and not truncated:
        if isinstance(env.action_space, gymnasium.spaces.Discrete):
            action = given = int(rng.integers(env.action_space.n))
            row['actions'].append([action])
        else:
            reach = task['reach']
            action = rng.uniform(-reach, reach, env.action_space.shape[0]).astype(np.float32)
            given = (task['scale'] * action.astype(np.float64)).astype(np.float32 if task['single'] else np.float64)
            row['actions'].append(action.tolist())
        observation, reward, terminated, truncated, _ = made.step(given)
        row['observations'].append(single(observation))
        row['rewards'].append(float(reward))
        row['terminated'].append(int(terminated))
        row['truncated'].append(int(truncated))
        row['states'].append(state())
        left -= 1
    episodes.append(row)
print(json.dumps({'model': os.path.abspath(env.fullpath) if mujoco else '', 'episodes': episodes}))
