import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { examine, type Finding, registerDoctor, visualC } from '../../src/cli/doctor.js';

async function withEnvironment<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = new Map(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const find = (findings: Finding[], name: string) => {
  const finding = findings.find((candidate) => candidate.name === name);
  assert.ok(finding, `${name} among ${findings.map((candidate) => candidate.name).join(', ')}`);
  return finding;
};

test('doctor finds Node, the addon, its vector instructions and its MuJoCo', async () => {
  const findings = await examine();
  assert.equal(find(findings, 'Node').status, 'ok');
  assert.match(find(findings, 'addon').detail, /trellis.*\.node, SHA-256 [0-9a-f]{16}$/);
  assert.match(find(findings, 'vector instructions').detail, /^(avx512|avx2|neon|scalar) in use/);
  assert.match(find(findings, 'MuJoCo').detail, /^4\.0\.\d+/);
  assert.match(find(findings, 'threads').detail, /^\d+ /);
});

test('what is missing or wrong comes with what to do', async () => {
  const variables = { TRELLIS_ROMS: '/nonexistent/roms', TMPDIR: '/proc/nowhere' };
  const findings = await withEnvironment(variables, examine);
  const roms = find(findings, 'Atari ROMs');
  assert.equal(roms.status, 'missing');
  assert.match(roms.hint ?? '', /trellis roms import/);
  for (const finding of findings.filter(({ status }) => status !== 'ok')) assert.ok(finding.hint, finding.name);
});

test('--json prints one object a line', async (context) => {
  const log = context.mock.method(console, 'log', () => {});
  const program = new Command();
  registerDoctor(program);
  await program.parseAsync(['node', 'trellis', 'doctor', '--json']);
  const lines = log.mock.calls.map((call) => JSON.parse(String(call.arguments[0])) as Finding);
  assert.ok(lines.some(({ name }) => name === 'Node'));
  assert.ok(lines.every(({ status }) => ['ok', 'missing', 'problem'].includes(status)));
});

test('on Windows the Visual C++ runtime that MuJoCo needs is looked for', (context) => {
  const SystemRoot = mkdtempSync(join(tmpdir(), 'trellis-windows-'));
  context.after(() => rmSync(SystemRoot, { recursive: true }));
  mkdirSync(join(SystemRoot, 'System32'));
  const files = ['MSVCP140.dll', 'MSVCP140_ATOMIC_WAIT.dll', 'VCRUNTIME140.dll'];
  for (const name of files) writeFileSync(join(SystemRoot, 'System32', name), '');
  const [lacking] = visualC('win32', { SystemRoot, PATH: '' });
  assert.equal(lacking?.status, 'problem');
  assert.match(lacking?.detail ?? '', /^VCRUNTIME140_1\.dll not found/);
  assert.match(lacking?.hint ?? '', /Visual C\+\+ Redistributable.*x64/);
  const folder = join(SystemRoot, 'beside');
  mkdirSync(folder);
  writeFileSync(join(folder, 'VCRUNTIME140_1.dll'), '');
  assert.equal(visualC('win32', { SystemRoot, PATH: folder })[0]?.status, 'ok');
  assert.deepEqual(visualC('linux'), []);
});
