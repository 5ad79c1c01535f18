#!/usr/bin/env node
// Builds the native addon with cmake-js into build/ (or --out DIR). Extended by whoever owns the MuJoCo SDK lookup.
import { spawnSync } from 'node:child_process';

const out = process.argv.includes('--out') ? process.argv[process.argv.indexOf('--out') + 1] : 'build';
const args = ['cmake-js', 'compile', '--out', out, '--CDTRELLIS_MUJOCO=' + (process.env.MUJOCO_DIR ? 'ON' : 'OFF')];
const result = spawnSync('npx', ['--no-install', ...args], { stdio: 'inherit' });
process.exit(result.status ?? 1);
