"""The Arcade Learning Environment and EnvPool for bench/atari.ts.

atari_ale.py THREADS: reads a line of work, does it, prints the seconds it took (of the processor for ale, of the clock for
envpool, which has threads), or "none" when the peer is missing.
  ale <rom file> <frames>         single-frame acts of random minimal actions
  envpool <game> <batch> <steps>  84x84 grey, skip 4, stack 4, random actions; the same environments go on
"""
import sys
import time

import ale_py
import numpy as np

THREADS = int(sys.argv[1])
emulators, pools = {}, {}
ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)


def ale(rom, frames):
    if rom not in emulators:
        emulator = ale_py.ALEInterface()
        emulator.setInt("random_seed", 1)
        emulator.setFloat("repeat_action_probability", 0.25)
        emulator.loadROM(rom)
        emulators[rom] = emulator
    emulator = emulators[rom]
    actions = emulator.getMinimalActionSet()
    order = [actions[i] for i in np.random.default_rng(1).integers(0, len(actions), int(frames))]
    start = time.process_time()
    for action in order:
        emulator.act(action)
        if emulator.game_over():
            emulator.reset_game()
    return time.process_time() - start


def envpool(game, batch, steps):
    import envpool as module

    size = int(batch)
    if game not in pools:
        task = "".join(part.capitalize() for part in game.split("_")) + "-v5"
        pools.clear()
        pool = module.make(task, env_type="gym", num_envs=size, num_threads=THREADS, repeat_action_probability=0.25)
        pool.reset()
        pools[game] = pool
    pool = pools[game]
    choices = np.random.default_rng(1).integers(0, pool.action_space.n, (int(steps), size)).astype(np.int32)
    start = time.perf_counter()
    for actions in choices:
        pool.step(actions)
    return time.perf_counter() - start


for line in sys.stdin:
    words = line.split()
    try:
        print({"ale": ale, "envpool": envpool}[words[0]](*words[1:]), flush=True)
    except ImportError:
        print("none", flush=True)
