#!/usr/bin/env python3
"""Plays Atari environments of Gymnasium 1.4 and of ale-py 0.12.1 as a black box, with their preprocessing.

One job a line of standard input, as JSON: {"id", "make", "preprocessing", "stack", "seed", "actions"}: `make` are arguments of
`gymnasium.make`, `preprocessing` those of `AtariPreprocessing` or null, `stack` frames or 0; or {"game", "vector", "seed",
"actions"}: ale-py's vector environment with these arguments. Actions are base64 of a byte a step. The answer is its
length in bytes (uint32, little-endian), then the number of rows and rows of six little-endian int32, after the reset and after
every step until the episode ends: reward, terminated, truncated, lives, frame of the episode, CRC-32 of the observation.
"""
import base64
import json
import struct
import sys
import warnings
import zlib

import ale_py
import gymnasium
import numpy as np
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

if not gymnasium.__version__.startswith('1.4.') or ale_py.__version__ != '0.12.1':
    sys.exit(f'gymnasium {gymnasium.__version__}, ale-py {ale_py.__version__}; the oracle is 1.4 and 0.12.1')


def row(reward, terminated, truncated, info, observation):
    crc = zlib.crc32(np.ascontiguousarray(observation).tobytes())
    lives, frame = int(info['lives']), int(info['episode_frame_number'])
    return struct.pack('<iiiiiI', int(reward), int(terminated), int(truncated), lives, frame, crc)


def single(job):
    env = gymnasium.make(job['id'], **job['make'])
    if job['preprocessing'] is not None:
        # JSON has no tuples.
        options = {name: tuple(value) if isinstance(value, list) else value for name, value in job['preprocessing'].items()}
        env = AtariPreprocessing(env, **options)
    if job['stack'] > 0:
        env = FrameStackObservation(env, job['stack'])
    observation, info = env.reset(seed=job['seed'])
    rows = [row(0, 0, 0, info, observation)]
    for action in base64.b64decode(job['actions']):
        observation, reward, terminated, truncated, info = env.step(action)
        rows.append(row(reward, terminated, truncated, info, observation))
        if terminated or truncated:
            break
    env.close()
    return rows


def vector(job):
    env = ale_py.AtariVectorEnv(job['game'], num_envs=1, **job['vector'])
    first = lambda info: {name: info[name][0] for name in ('lives', 'episode_frame_number')}
    observation, info = env.reset(seed=job['seed'])
    rows = [row(0, 0, 0, first(info), observation[0])]
    for action in base64.b64decode(job['actions']):
        observation, reward, terminated, truncated, info = env.step(np.array([action]))
        rows.append(row(reward[0], terminated[0], truncated[0], first(info), observation[0]))
        if terminated[0] or truncated[0]:
            break
    env.close()
    return rows


def main():
    warnings.filterwarnings('ignore')
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    gymnasium.register_envs(ale_py)
    for line in sys.stdin:
        job = json.loads(line)
        rows = vector(job) if 'vector' in job else single(job)
        answer = struct.pack('<i', len(rows)) + b''.join(rows)
        sys.stdout.buffer.write(struct.pack('<I', len(answer)) + answer)
        sys.stdout.buffer.flush()


main()
