#!/usr/bin/env python3
"""Plays games in ale-py 0.12.1 as a black box: sound, paddles turned by a strength, and its vector environment's pictures.

One job a line of standard input, as JSON; the answer is its length in bytes (uint32, little-endian), then the rows.
{kind: "sound", rom, seed, probability, frameSkip, actions, strengths}: actions are base64 of a byte an act, strengths of a
float32 an act; rows of five little-endian int32: reward, lives, CRC-32 of RAM, of the screen, of the sound; after a reset and
after every act. {kind: "vector", game, seed, actions, options}: actions are indices of the minimal set; rows of three: reward,
1 if the episode ended, CRC-32 of the observation. {kind: "continuous", game, frameSkip, actions}: actions are base64 of three
float32 a step; rows of three: reward, lives, CRC-32 of RAM. {kind: "lives", rom, seed, frameSkip, actions}: rows of two, after
every act: lives, 1 if the game is over (it is then reset). {kind: "episodic", game, seed, actions}: the vector environment with
episodic_life until its first end; rows of five: reward, lives, terminated, truncated, frame of the episode.
"""
import base64
import json
import struct
import sys
import zlib

import ale_py
import numpy as np
from ale_py import ALEInterface
from ale_py.env import AtariEnv


def crc(array):
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


def sound(job):
    ale = ALEInterface()
    ale.setBool("sound_obs", True)
    ale.setInt("random_seed", job["seed"])
    ale.setFloat("repeat_action_probability", job["probability"])
    ale.setInt("frame_skip", job["frameSkip"])
    ale.loadROM(job["rom"])
    ale.reset_game()
    rows = []

    def row(reward=0):
        rows.append(struct.pack("<iiIII", reward, ale.lives(), crc(ale.getRAM()), crc(ale.getScreen()), crc(ale.getAudio())))

    row()
    strengths = np.frombuffer(base64.b64decode(job["strengths"]), "<f4")
    for action, strength in zip(base64.b64decode(job["actions"]), strengths):
        row(ale.act(action, float(strength)))
        if ale.game_over():
            ale.reset_game()
    return b"".join(rows)


def vector(job):
    env = ale_py.AtariVectorEnv(job["game"], num_envs=1, noop_max=1, use_fire_reset=False, **job["options"])
    observation, _ = env.reset(seed=job["seed"])
    rows = [struct.pack("<iiI", 0, 0, crc(observation[0]))]
    for action in base64.b64decode(job["actions"]):
        observation, reward, terminated, truncated, _ = env.step(np.array([action]))
        ended = bool(terminated[0] or truncated[0])
        rows.append(struct.pack("<iiI", int(reward[0]), ended, crc(observation[0])))
        if ended:
            break
    env.close()
    return b"".join(rows)


def continuous(job):
    env = AtariEnv(
        job["game"], frameskip=job["frameSkip"], repeat_action_probability=0.0, continuous=True, full_action_space=True
    )
    env.reset(seed=1)
    rows = []
    for action in np.frombuffer(base64.b64decode(job["actions"]), "<f4").reshape(-1, 3):
        _, reward, terminated, truncated, info = env.step(action)
        rows.append(struct.pack("<iiI", int(reward), info["lives"], crc(env.ale.getRAM())))
        if terminated or truncated:
            break
    return b"".join(rows)


def lives(job):
    ale = ALEInterface()
    ale.setInt("random_seed", job["seed"])
    ale.setFloat("repeat_action_probability", 0.25)
    ale.setInt("frame_skip", job["frameSkip"])
    ale.loadROM(job["rom"])
    ale.reset_game()
    rows = []
    for action in base64.b64decode(job["actions"]):
        ale.act(action)
        over = ale.game_over()
        rows.append(struct.pack("<ii", ale.lives(), over))
        if over:
            ale.reset_game()
    return b"".join(rows)


def episodic(job):
    env = ale_py.AtariVectorEnv(
        job["game"], num_envs=1, noop_max=1, use_fire_reset=False, episodic_life=True, reward_clipping=False,
        repeat_action_probability=0.0,
    )
    env.reset(seed=job["seed"])
    rows = []
    for action in base64.b64decode(job["actions"]):
        _, reward, terminated, truncated, info = env.step(np.array([action]))
        frame = int(info["episode_frame_number"][0])
        rows.append(
            struct.pack("<iiiii", int(reward[0]), int(info["lives"][0]), int(terminated[0]), int(truncated[0]), frame)
        )
        if terminated[0] or truncated[0]:
            break
    env.close()
    return b"".join(rows)


def main():
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    kinds = {"sound": sound, "vector": vector, "continuous": continuous, "lives": lives, "episodic": episodic}
    for line in sys.stdin:
        job = json.loads(line)
        rows = kinds[job["kind"]](job)
        sys.stdout.buffer.write(struct.pack("<I", len(rows)) + rows)
        sys.stdout.buffer.flush()


main()
