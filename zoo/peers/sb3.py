#!/usr/bin/env python3
"""Stable-Baselines3's PPO and sb3-contrib's TRPO on Gymnasium v5, with the hyperparameters of RL Baselines3 Zoo.

    python zoo/peers/sb3.py --out results/zoo/peers/sb3 [--seeds 3] [--only hopper-v5-ppo,…] [--steps 1000000]
        [--threads 1]

One folder a cell (task, method, seed): curve.csv (returns of the episodes that ended while training), evaluation.csv (100
deterministic episodes of the final policy) and, last, summary.csv (wall clock and processor time of training and
evaluation, versions). A cell with a summary is skipped, one without is begun anew. Needs stable-baselines3, sb3-contrib,
gymnasium and mujoco; the versions used are in each summary.
"""

import argparse
import csv
import os
import platform
import time

import gymnasium
import mujoco
import numpy as np
import stable_baselines3
import torch
from sb3_contrib import TRPO
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecNormalize

# The zoo's numbers (rl_zoo3 2.9.2, hyperparams/ppo.yml and trpo.yml, its v4 tasks; v2 where it has no later one).
WIDE = dict(log_std_init=-2, ortho_init=False, activation_fn=torch.nn.ReLU, net_arch=dict(pi=[256, 256], vf=[256, 256]))


def tuned(batch_size, gamma, learning_rate, ent_coef, clip_range, n_epochs, gae_lambda, max_grad_norm, vf_coef,
          n_steps=512, policy_kwargs=WIDE):
    return dict(n_steps=n_steps, batch_size=batch_size, gamma=gamma, learning_rate=learning_rate, ent_coef=ent_coef,
                clip_range=clip_range, n_epochs=n_epochs, gae_lambda=gae_lambda, max_grad_norm=max_grad_norm,
                vf_coef=vf_coef, policy_kwargs=policy_kwargs)


PPO_SETTINGS = {
    "Hopper-v5": tuned(32, 0.999, 9.80828e-05, 0.00229519, 0.2, 5, 0.99, 0.7, 0.835671),
    "Walker2d-v5": tuned(32, 0.99, 5.05041e-05, 0.000585045, 0.1, 20, 0.95, 1, 0.871923),
    "HalfCheetah-v5": tuned(64, 0.98, 2.0633e-05, 0.000401762, 0.1, 20, 0.92, 0.8, 0.58096),
    "Swimmer-v5": dict(n_envs=4, n_steps=1024, batch_size=256, gamma=0.9999, learning_rate=6e-4, gae_lambda=0.98),
    "Ant-v5": dict(),
    "Humanoid-v5": tuned(256, 0.95, 3.56987e-05, 0.00238306, 0.3, 5, 0.9, 2, 0.431892),
    "Reacher-v5": tuned(32, 0.9, 0.000104019, 7.52585e-08, 0.3, 5, 1.0, 0.9, 0.950368, policy_kwargs=None),
    "InvertedDoublePendulum-v5": tuned(512, 0.98, 0.000155454, 1.05057e-06, 0.4, 10, 0.8, 0.5, 0.695929, n_steps=128,
                                       policy_kwargs=None),
}
TRPO_DEFAULTS = dict(n_envs=2, n_steps=1024, batch_size=128, gamma=0.99, gae_lambda=0.95, sub_sampling_factor=1,
                     cg_max_steps=25, cg_damping=0.1, n_critic_updates=20, learning_rate=1e-3)
TRPO_SETTINGS = {
    **{task: TRPO_DEFAULTS for task in PPO_SETTINGS},
    "HalfCheetah-v5": dict(TRPO_DEFAULTS, target_kl=0.04),
    "Swimmer-v5": dict(TRPO_DEFAULTS, gamma=0.9999),
}
METHODS = {"ppo": (PPO, PPO_SETTINGS), "trpo": (TRPO, TRPO_SETTINGS)}
MAIN = ["Hopper-v5", "Walker2d-v5", "HalfCheetah-v5", "Swimmer-v5", "Ant-v5"]

EPISODES = 100
# Of the start states of the evaluation: no seed of training.
EVALUATION_SEED = 1_000_000


class Curve(BaseCallback):
    """A row for about every hundredth of the steps: the mean over the episodes that ended since the row before."""

    def __init__(self, file, every):
        super().__init__()
        self.writer = csv.writer(file)
        self.file, self.every, self.next = file, every, every
        self.returns, self.lengths = [], []

    def _on_training_start(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        self.writer.writerow(["steps", "episodes", "mean_return", "mean_length", "seconds", "cpu_seconds"])

    def _on_step(self):
        for info in self.locals["infos"]:
            if "episode" in info:
                self.returns.append(info["episode"]["r"])
                self.lengths.append(info["episode"]["l"])
        if self.num_timesteps >= self.next:
            self.next += self.every
            mean = lambda values: float(np.mean(values)) if values else float("nan")  # noqa: E731
            times = [f"{time.perf_counter() - self.wall:.2f}", f"{time.process_time() - self.cpu:.2f}"]
            self.writer.writerow([self.num_timesteps, len(self.returns), mean(self.returns), mean(self.lengths), *times])
            self.file.flush()
            self.returns, self.lengths = [], []
        return True


def run(task, method, seed, steps, folder):
    algorithm, settings = METHODS[method]
    settings = dict(settings[task])
    n_envs = settings.pop("n_envs", 1)
    if settings.get("policy_kwargs", 0) is None:
        settings.pop("policy_kwargs")
    os.makedirs(folder, exist_ok=True)
    gamma = settings.get("gamma", 0.99)
    env = VecNormalize(make_vec_env(task, n_envs=n_envs, seed=seed), gamma=gamma)
    model = algorithm("MlpPolicy", env, seed=seed, device="cpu", **settings)
    wall, cpu = time.perf_counter(), time.process_time()
    with open(os.path.join(folder, "curve.csv"), "w", newline="") as file:
        model.learn(steps, callback=Curve(file, max(1, steps // 100)))
    train_wall, train_cpu = time.perf_counter() - wall, time.process_time() - cpu
    # The policy and its statistics, both at rest.
    fresh = VecNormalize(make_vec_env(task, n_envs=1, seed=EVALUATION_SEED), gamma=gamma, training=False,
                         norm_reward=False)
    fresh.obs_rms = env.obs_rms
    wall, cpu = time.perf_counter(), time.process_time()
    returns, lengths = evaluate_policy(model, fresh, n_eval_episodes=EPISODES, deterministic=True,
                                       return_episode_rewards=True)
    eval_wall, eval_cpu = time.perf_counter() - wall, time.process_time() - cpu
    with open(os.path.join(folder, "evaluation.csv"), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["episode", "return", "length"])
        writer.writerows([i, r, n] for i, (r, n) in enumerate(zip(returns, lengths)))
    summary = dict(task=task, method=method, seed=seed, steps=model.num_timesteps, episodes=EPISODES,
                   mean_return=float(np.mean(returns)), std_return=float(np.std(returns)),
                   train_seconds=round(train_wall, 2), train_cpu_seconds=round(train_cpu, 2),
                   evaluation_seconds=round(eval_wall, 2), evaluation_cpu_seconds=round(eval_cpu, 2),
                   stable_baselines3=stable_baselines3.__version__, torch=torch.__version__,
                   gymnasium=gymnasium.__version__, mujoco=mujoco.__version__, python=platform.python_version())
    temporary = os.path.join(folder, "summary.csv.tmp")
    with open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(summary))
        writer.writeheader()
        writer.writerow(summary)
    os.replace(temporary, os.path.join(folder, "summary.csv"))
    print(f"{os.path.basename(folder)}: {summary['mean_return']:.1f} ± {summary['std_return']:.1f}, "
          f"{train_wall:.0f} s of training, {train_cpu:.0f} s of the processor's", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch's")
    parser.add_argument("--only", default="", help="cells by beginning, separated by commas: hopper-v5,ant-v5-trpo-seed2")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    only = [name for name in given.only.split(",") if name]
    for seed in range(1, given.seeds + 1):
        for task in MAIN:
            for method in ["trpo", "ppo"]:
                name = f"{task.lower()}-{method}-seed{seed}"
                if only and not any(name.startswith(wanted) for wanted in only):
                    continue
                folder = os.path.join(given.out, name)
                if not os.path.exists(os.path.join(folder, "summary.csv")):
                    run(task, method, seed, given.steps, folder)


if __name__ == "__main__":
    main()
