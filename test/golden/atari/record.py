#!/usr/bin/env python3
"""Records traces of the real games with ale-py 0.12.1, as a black box: data for test/golden.

Usage: record.py OUT_FOLDER [game ...]   (default: all single-player games that ale-py ships)
Protocol and columns are those of `trellis trace`: seed 1, repeat probability 0.25, minimal actions by the LCG.
"""
import os
import sys
import zlib

import ale_py
from ale_py import ALEInterface, roms

ACTS, EVERY, SEED = 1000, 25, 1


def record(game):
    ale = ALEInterface()
    ale.setInt("random_seed", SEED)
    ale.setFloat("repeat_action_probability", 0.25)
    ale.loadROM(os.path.join(os.path.dirname(roms.__file__), game + ".bin"))
    minimal = [action.value for action in ale.getMinimalActionSet()]
    lines = ["step,action,reward,lives,over,ramcrc,screencrc"]

    def row(step, action="", reward=""):
        ram = zlib.crc32(ale.getRAM().tobytes())
        screen = zlib.crc32(ale.getScreen().tobytes())
        over = int(ale.game_over())
        lines.append(f"{step},{action},{reward},{ale.lives()},{over},{ram:08x},{screen:08x}")

    row("load")
    ale.reset_game()
    row("reset")
    x, total = 1, 0
    for step in range(1, ACTS + 1):
        x = (1103515245 * x + 12345) & 0x7FFFFFFF
        action = minimal[(x >> 16) % len(minimal)]
        reward = ale.act(action)
        total += reward
        over = ale.game_over()
        if over or step % EVERY == 0:
            row(step, action, reward)
        if over:
            ale.reset_game()
            row(f"reset@{step}")
    lines.append(f"total,{total},,,,,")
    return "\n".join(lines) + "\n"


def main():
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    folder, games = sys.argv[1], sys.argv[2:]
    shipped = sorted(name[:-4] for name in os.listdir(os.path.dirname(roms.__file__)) if name.endswith(".bin"))
    for game in games or [name for name in shipped if name not in ("combat", "joust", "maze_craze", "warlords")]:
        with open(os.path.join(folder, game + ".csv"), "w", newline="\n") as file:
            file.write(record(game))


main()
