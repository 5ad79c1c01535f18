"""Steps per second of Stable-Baselines3-contrib's TRPO on a Gymnasium task: sb3_trpo.py ENV THREADS STEPS. Prints a number."""
import sys
import time

import torch
from sb3_contrib import TRPO
from stable_baselines3.common.env_util import make_vec_env


def main():
    env_id, threads, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    env = make_vec_env(env_id, n_envs=threads)
    model = TRPO("MlpPolicy", env, n_steps=2048 // threads, device="cpu", seed=1)
    model.learn(2048)  # warm up
    start = time.perf_counter()
    model.learn(steps, reset_num_timesteps=False)
    print(steps / (time.perf_counter() - start))
    env.close()


if __name__ == "__main__":
    main()
