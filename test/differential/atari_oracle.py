#!/usr/bin/env python3
"""Plays games in ale-py 0.12.1 and tells what they show, for comparison. ale-py is a black box here.

`atari_oracle.py --roms` prints the folder of ale-py's cartridges. Otherwise: one job a line of standard input, as JSON
{rom, seed, probability, frameSkip, mode, difficulty, lifeLoss, maxFrames, actions: base64 of one byte an act}; mode and
difficulty may be null. The answer is a length in bytes (uint32), then 20 bytes for each row (little-endian int32): reward, lives, flags
(1 terminated, 2 truncated), CRC-32 of RAM, CRC-32 of the screen. Rows: after loading, after a reset, after every act,
and after the reset that follows the end of an episode.
"""
import base64
import json
import os
import struct
import sys
import zlib

import ale_py
from ale_py import ALEInterface, roms


def play(job, out):
    ale = ALEInterface()
    ale.setInt("random_seed", job["seed"])
    ale.setFloat("repeat_action_probability", job["probability"])
    ale.setInt("frame_skip", job["frameSkip"])
    ale.setInt("max_num_frames_per_episode", job["maxFrames"])
    ale.setBool("truncate_on_loss_of_life", job["lifeLoss"])
    ale.loadROM(job["rom"])
    rows = []
    ram, screen = ale.getRAM(), ale.getScreen()

    def row(reward=0):
        flags = int(ale.game_over(with_truncation=False)) | 2 * int(ale.game_truncated())
        ale.getRAM(ram)
        ale.getScreen(screen)
        rows.append(struct.pack("<iiiII", reward, ale.lives(), flags, zlib.crc32(ram), zlib.crc32(screen)))
        return flags

    row()
    if job["mode"] is not None:
        ale.setMode(job["mode"])
    if job["difficulty"] is not None:
        ale.setDifficulty(job["difficulty"])
    ale.reset_game()
    row()
    for action in base64.b64decode(job["actions"]):
        reward = ale.act(action)
        if row(reward):
            ale.reset_game()
            row()
    out.write(struct.pack("<I", 20 * len(rows)) + b"".join(rows))
    out.flush()


def main():
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    if sys.argv[1:] == ["--roms"]:
        print(json.dumps({"folder": os.path.dirname(roms.__file__), "version": ale_py.__version__}))
        return
    for line in sys.stdin:
        play(json.loads(line), sys.stdout.buffer)


main()
