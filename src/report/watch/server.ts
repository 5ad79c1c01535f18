import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ArgumentError } from '../../base/errors.js';
import { watchPage } from './page.js';
import { WatchedFolders } from './watched-folders.js';

export interface WatchOptions {
  /** Runs, and folders with runs in and below them; one that is not there yet is looked for again and again. */
  readonly folders: readonly string[];
  /** 0: any free one. Default: the first free one from 8520 on. */
  readonly port?: number | undefined;
  /** Address to listen on. Default 127.0.0.1: this machine alone. */
  readonly host?: string | undefined;
  /** Called once for each run before it is read, to import what it names; may fail. */
  prepare?(directory: string): Promise<void>;
}

export interface WatchServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const FIRST_PORT = 8520;
const PORTS = 20;
/** Bytes below which packing is not worth it. */
const SMALL = 2048;

const pack = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  gif: 'image/gif',
  mp4: 'video/mp4',
};

/**
 * Serves a page with live curves of runs. It only reads, and only when a page asks.
 * @throws ArgumentError where the port asked for is in use or may not be had, or the address is none of this machine
 */
export async function watch(options: WatchOptions): Promise<WatchServer> {
  const { folders, host = '127.0.0.1', port, prepare } = options;
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new ArgumentError(`port is ${String(port)}`, { value: port, expected: 'an integer from 0 to 65535' });
  }
  const runs = new WatchedFolders(folders, prepare?.bind(options));
  // The first page finds everything read.
  await runs.update('', -1);
  const isLocal = /^(127\.|::1$|localhost$)/.test(host);
  const server = createServer((request, response) => {
    answer(runs, request, response, isLocal).catch(() => {
      // The browser went away, or a file did while it was read.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  const bound = await listen(server, host, port);
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${/^(0\.0\.0\.0|\[::\])$/.test(name) ? 'localhost' : name}:${bound}/`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, host: string, port: number | undefined): Promise<number> {
  const ports = port === undefined ? Array.from({ length: PORTS }, (_, i) => FIRST_PORT + i) : [port];
  for (const candidate of ports) {
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      server.once('error', resolve).listen(candidate, host, () => {
        server.off('error', resolve);
        resolve(null);
      });
    });
    if (error === null) return (server.address() as AddressInfo).port;
    if (error.code !== 'EADDRINUSE') throw refuse(host, candidate, error);
    if (port !== undefined) throw refuse(host, candidate, error);
  }
  throw new ArgumentError(`ports ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} are all in use`, {
    value: FIRST_PORT,
    expected: 'a free one, or 0 for any',
  });
}

function refuse(host: string, port: number, cause: NodeJS.ErrnoException): ArgumentError {
  if (cause.code === 'EADDRINUSE') {
    const expected = 'another port, or none named: the next free one';
    return new ArgumentError(`port ${port} is in use`, { value: port, expected, cause });
  }
  const what = cause.code === 'EACCES' ? `port ${port} is not ours to take` : `cannot listen on ${host}, port ${port}`;
  return new ArgumentError(`${what} (${cause.code})`, {
    value: { host, port },
    expected: 'a port above 1023, on 127.0.0.1, 0.0.0.0 or an address of this machine',
    cause,
  });
}

async function answer(
  runs: WatchedFolders,
  request: IncomingMessage,
  response: ServerResponse,
  isLocal: boolean,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  // Pages of other sites may point their own name here; such a request carries that name.
  const name = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (isLocal && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(name)) return end(response, 403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405);
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/') {
    const nonce = randomBytes(16).toString('base64');
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'`;
    response.setHeader(
      'Content-Security-Policy',
      `${policy}; img-src 'self' data:; media-src 'self'; connect-src 'self'; frame-src 'self'`,
    );
    return send(request, response, TYPES['html'], watchPage((await runs.update('', -1))!, runs.folders, nonce));
  }
  if (url.pathname === '/update') {
    const since = Number(url.searchParams.get('since') ?? -1);
    const update = await runs.update(url.searchParams.get('session') ?? '', Number.isFinite(since) ? since : -1);
    return update === null ? end(response, 204) : send(request, response, 'application/json', JSON.stringify(update));
  }
  const [, id, file] = /^\/runs\/(\d+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  const found = id === undefined ? undefined : runs.find(Number(id));
  if (found === undefined) return end(response, 404);
  const { directory, entry } = found;
  if (file === undefined) {
    const { config = {}, final = null } = entry.run ?? {};
    return send(request, response, 'application/json', JSON.stringify({ directory, config, final }));
  }
  // The one file that the page was told of, whatever the address says.
  const { replay } = entry.facts;
  if (replay === null || file !== encodeURIComponent(replay.file)) return end(response, 404);
  await sendReplay(join(directory, replay.file), response);
}

async function sendReplay(file: string, response: ServerResponse): Promise<void> {
  // A page in a run directory is somebody's: it may run, and reach nothing.
  response.setHeader('Content-Security-Policy', "sandbox allow-scripts; default-src 'unsafe-inline' data: blob:");
  response.writeHead(200, { 'Content-Type': TYPES[file.split('.').at(-1)!] });
  await new Promise<void>((resolve) => pipeline(createReadStream(file), response, () => resolve()));
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

async function send(request: IncomingMessage, response: ServerResponse, type: string, text: string): Promise<void> {
  const packs = text.length > SMALL && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = packs ? await pack(text, { level: 1 }) : Buffer.from(text);
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': body.length,
    ...(packs ? { 'Content-Encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
