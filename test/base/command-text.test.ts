import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandText } from '../../src/base/command-text.js';

const platform = 'linux';

test('the program is called as it was called: through npx, from the PATH, as a script', () => {
  const text = (script: string, npmCommand?: string) => commandText(['list'], { script, npmCommand, platform });
  assert.equal(text('/home/me/project/node_modules/.bin/trellis', 'exec'), 'npx trellis list');
  assert.equal(text('/home/me/project/node_modules/.bin/trellis', 'run-script'), 'npx trellis list');
  assert.equal(text('/home/me/checkout/dist/bin/trellis.js', 'exec'), 'npx trellis list');
  assert.equal(text('/usr/local/bin/trellis'), 'trellis list');
  assert.equal(text('/home/me/my-program.ts'), 'npx trellis list');
  // A path is of the platform that the test runs on, and so is its quoting.
  const here = (script: string) => commandText(['list'], { script: join(process.cwd(), script) });
  const mark = process.platform === 'win32' ? '"' : "'";
  assert.equal(here('dist/bin/trellis.js'), `node ${join('dist/bin/trellis.js')} list`);
  assert.equal(here('my dist/trellis.js'), `node ${mark}${join('my dist/trellis.js')}${mark} list`);
});

test('words are quoted where a shell would read them otherwise', () => {
  const text = (word: string, on: NodeJS.Platform) => commandText([word], { script: '/bin/trellis', platform: on });
  assert.equal(text('runs/hopper-vine-seed1', platform), 'trellis runs/hopper-vine-seed1');
  assert.equal(text("my run's $HOME", platform), "trellis 'my run'\\''s $HOME'");
  assert.equal(text('', platform), "trellis ''");
  assert.equal(text('policy.hidden=[64,64]', platform), "trellis 'policy.hidden=[64,64]'");
  assert.equal(text('C:\\runs\\a', 'win32'), 'trellis C:\\runs\\a');
  assert.equal(text('my runs\\a', 'win32'), 'trellis "my runs\\a"');
});
