#!/usr/bin/env node
// Writes a C++ file in which each function of Node-API jumps to that of the running program (x64, GNU assembler):
//   node scripts/host-symbols.mjs <file>
// An addon for Windows that holds it needs no import library of node.exe, and loads into a program of any name (a renamed
// node.exe, Electron, one that keeps Node in libnode.dll).
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { symbols } = createRequire(import.meta.url)('node-api-headers');
const names = [...symbols.v8.js_native_api_symbols, ...symbols.v8.node_api_symbols].sort();
const jumps = names.map((name, i) => `  ".globl ${name}\\n${name}: jmp *hostFunctions + ${8 * i}(%rip)\\n"`);

writeFileSync(
  process.argv[2],
  `#include <windows.h>

extern "C" FARPROC hostFunctions[${names.length}];
FARPROC hostFunctions[${names.length}];
__asm__(
  ".text\\n"
${jumps.join('\n')});

namespace {
const char* const names[] = {${names.map((name) => `"${name}"`).join(', ')}};

void missing() { FatalAppExitA(0, "trellis.node: this program does not offer Node-API 8"); }

__attribute__((constructor)) void findHostFunctions() {
  const HMODULE hosts[] = {GetModuleHandleA(nullptr), GetModuleHandleA("libnode.dll"), GetModuleHandleA("node.dll")};
  for (int i = 0; i < ${names.length}; ++i) {
    for (HMODULE host : hosts) {
      if (host != nullptr && hostFunctions[i] == nullptr) hostFunctions[i] = GetProcAddress(host, names[i]);
    }
    if (hostFunctions[i] == nullptr) hostFunctions[i] = reinterpret_cast<FARPROC>(missing);
  }
}
}  // namespace
`,
);
