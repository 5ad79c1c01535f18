import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The browser of the tests: $TRELLIS_BROWSER, else chromium on the PATH; null where there is none. */
export function findBrowser(): string | null {
  const names = process.env['TRELLIS_BROWSER'] ? [process.env['TRELLIS_BROWSER']] : ['chromium', 'chromium-browser'];
  return names.find((name) => spawnSync(name, ['--version']).status === 0) ?? null;
}

/** For `skip`: false where there is a browser, or where TRELLIS_REQUIRE_BROWSER wants the tests to fail without one. */
export const withoutBrowser =
  findBrowser() === null && !process.env['TRELLIS_REQUIRE_BROWSER']
    ? 'needs chromium (apt-get install chromium)'
    : false;

interface Reply {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Headless Chromium over the DevTools protocol, through a pipe. */
export class Browser {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private readonly listeners = new Set<(event: Reply) => void>();
  private readonly profile = mkdtempSync(join(tmpdir(), 'trellis-browser-'));
  private readonly child: ChildProcess;
  private count = 0;

  constructor() {
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-pipe'];
    this.child = spawn(findBrowser() ?? 'chromium', [...flags, `--user-data-dir=${this.profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    let text = '';
    (this.child.stdio[4] as Readable).setEncoding('utf8').on('data', (part: string) => {
      const messages = (text + part).split('\0');
      text = messages.pop()!;
      for (const message of messages) this.receive(JSON.parse(message) as Reply);
    });
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.count;
    const reply = new Promise<Reply>((resolve) => this.waiting.set(id, resolve));
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result = {} } = await reply;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** A tab with nothing in it. @param width, height CSS pixels; a narrow one is a phone's, with touch */
  async open(width: number, height: number): Promise<Tab> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this, sessionId as string, targetId as string);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await tab.send(`${domain}.enable`);
    const mobile = width < 600;
    await tab.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
    return tab;
  }

  onEvent(listener: (event: Reply) => void): void {
    this.listeners.add(listener);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null) {
      this.send('Browser.close').catch(() => {});
      await ended;
    }
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private receive(reply: Reply): void {
    if (reply.id === undefined) {
      for (const listener of this.listeners) listener(reply);
      return;
    }
    this.waiting.get(reply.id)?.(reply);
    this.waiting.delete(reply.id);
  }
}

export class Tab {
  /** What a page complained of: exceptions and errors of its console. */
  readonly complaints: string[] = [];
  /** Addresses that it asked for. */
  readonly requests: string[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly session: string,
    private readonly target: string,
  ) {
    browser.onEvent(({ sessionId, method, params }) => {
      if (sessionId !== session) return;
      if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params));
      const { level } = (params?.['entry'] ?? {}) as { level?: string };
      if (method === 'Log.entryAdded' && level === 'error') this.complaints.push(JSON.stringify(params));
      const { url } = (params?.['request'] ?? {}) as { url?: string };
      if (method === 'Network.requestWillBeSent') this.requests.push(url!);
    });
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.browser.send(method, params, this.session);
  }

  async visit(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
    await this.until(`location.href !== 'about:blank' && document.readyState === 'complete'`);
  }

  /** Value of an expression on the page, as JSON carries it. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  }

  /** Waits for an expression to be true. @throws Error where it is not after ten seconds */
  async until(expression: string): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (await this.evaluate<boolean>(`Boolean(${expression})`).catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`never true: ${expression}`);
  }

  /** A picture of the whole page as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data as string, 'base64');
  }

  async close(): Promise<void> {
    await this.browser.send('Target.closeTarget', { targetId: this.target });
  }
}
