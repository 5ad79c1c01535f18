"""EnvPool's environments of Gymnasium: envpool_steps.py ENV THREADS SLOTS.

Reads lines with a number of calls of step (all slots each, uniform actions, finished episodes begin again by themselves)
and prints how long they took: wall clock and processor time of all threads, in seconds.
"""
import sys
import time

import envpool
import numpy as np


def main():
    task, threads, slots = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    env = envpool.make(task, env_type="gymnasium", num_envs=slots, num_threads=threads, seed=1)
    space = env.action_space
    generator = np.random.default_rng(0)
    sets = [generator.uniform(space.low, space.high, (slots, *space.shape)).astype(np.float64) for _ in range(64)]
    env.reset()
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for i in range(int(line)):
            env.step(sets[i % len(sets)])
        print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)


if __name__ == "__main__":
    main()
