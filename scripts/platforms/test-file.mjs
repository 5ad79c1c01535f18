// Runs one file of tests with another platform's Node, and reads what came of it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const pid of running) process.kill(-pid, 'SIGKILL');
    process.exit(1);
  });
}

/**
 * Its output goes to a log: under Wine a pipe is not a file descriptor.
 *
 * @param file under test/
 * @param setting of the platform: its tree, environment, words that start Node, how it names paths
 * @param timeout seconds
 * @returns { file, pass, fail, seconds, skipped: names, failures: what went wrong, log }
 */
export function runFile(file, { tree, env, command, path }, timeout) {
  const log = join(tree, 'logs', `${file.replaceAll('/', '-')}.tap`);
  const test = path(join(tree, 'test', file.replace(/\.ts$/, '.js')));
  const words = [...command, '--import', 'tsx', '--test-reporter=tap', test].map((word) => `'${word}'`).join(' ');
  const began = performance.now();
  return new Promise((done) => {
    // A group of its own, so that what a test started ends with it.
    const child = spawn('sh', ['-c', `exec ${words} >'${log}' 2>&1 </dev/null`], {
      cwd: tree,
      env,
      detached: true,
      stdio: 'ignore',
    });
    running.add(child.pid);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process.kill(-child.pid, 'SIGKILL');
    }, timeout * 1000);
    child.on('exit', (status, signal) => {
      clearTimeout(timer);
      running.delete(child.pid);
      const seconds = (performance.now() - began) / 1000;
      const ending = late ? `did not end within ${timeout} s` : status === 0 ? null : `ended with ${signal ?? status}`;
      done({ file, ...readTap(readFileSync(log, 'utf8'), ending), seconds, log });
    });
  });
}

/** @param ending what was wrong with how the program ended, or null */
export function readTap(text, ending) {
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const names = (pattern) => [...text.matchAll(pattern)].map(([, name]) => name.replaceAll('\\#', '#'));
  const failures = names(/^ *not ok \d+ - (.*)$/gm);
  const whole = /^# tests [1-9]/m.test(text);
  if (ending?.startsWith('did not') || (ending !== null && failures.length === 0)) failures.push(ending);
  // Under Wine a program that was ended may seem to have ended well.
  else if (!whole) failures.push('ended before its tests');
  const fail = Math.max(count('fail'), failures.length > 0 ? 1 : 0);
  return { pass: count('pass'), fail, failures, skipped: names(/^ *ok \d+ - (.*?) # SKIP.*$/gm) };
}
