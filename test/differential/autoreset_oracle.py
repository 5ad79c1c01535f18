"""What Gymnasium's SyncVectorEnv makes of a counter in both of its modes, and its running statistics of some rows.

Standard input: {"mode", "limit", "actions": [[slot 0, slot 1, ...], ...], "batches": [[[...], ...], ...]}.
"""

import json
import sys

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.utils import RunningMeanStd

if not gymnasium.__version__.startswith("1.4."):
    sys.exit(f"gymnasium {gymnasium.__version__}; the oracle is 1.4")


class Counter(gymnasium.Env):
    """Action a adds a; the reward is the count, 3 ends the episode; the observation is count and length so far."""

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = gymnasium.spaces.Discrete(3)

    def __init__(self, limit):
        self.limit = limit

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = self.length = 0
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.count += int(action)
        self.length += 1
        terminated = self.count >= 3
        truncated = not terminated and self.length >= self.limit
        return np.array([self.count, self.length], np.float32), float(self.count), terminated, truncated, {}


task = json.load(sys.stdin)
mode = {"next-step": AutoresetMode.NEXT_STEP, "same-step": AutoresetMode.SAME_STEP}[task["mode"]]
slots = len(task["actions"][0])
env = SyncVectorEnv([lambda: Counter(task["limit"])] * slots, autoreset_mode=mode)
first, _ = env.reset(seed=0)
rows = []
for actions in task["actions"]:
    observations, rewards, terminated, truncated, info = env.step(np.array(actions))
    final = info.get("final_obs", [None] * slots)
    rows.append(
        {
            "observations": observations.ravel().tolist(),
            "rewards": rewards.tolist(),
            "terminated": terminated.astype(int).tolist(),
            "truncated": truncated.astype(int).tolist(),
            "final": [None if row is None else row.tolist() for row in final],
        }
    )
batches = [np.array(batch, np.float64) for batch in task["batches"]]
statistics = RunningMeanStd(shape=batches[0].shape[1:], dtype=np.float64)
for batch in batches:
    statistics.update(batch)
json.dump(
    {
        "first": first.ravel().tolist(),
        "rows": rows,
        "mean": statistics.mean.tolist(),
        "variance": statistics.var.tolist(),
        "count": statistics.count,
    },
    sys.stdout,
)
