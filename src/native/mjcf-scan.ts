import { ModelError } from '../base/errors.js';
import { gib, memoryLimit } from '../base/memory.js';

/** What a text of MJCF has in it that must be known before MuJoCo reads it. */
export interface MjcfScan {
  /** Files that it includes, by the names used, with their texts; nested ones, too. */
  readonly included: Map<string, string>;
  readonly usesPlugins: boolean;
}

/** MuJoCo numbers copies, vertices and bytes with 32 bits, and does not survive memory that it cannot have. */
const mostCopies = 2 ** 20;
const mostPoints = 2 ** 22;
const mostBytes = () => Math.min(2 ** 31 - 1, memoryLimit() / 4);

/**
 * Looks for includes and plugins, and refuses sizes that would end the process inside MuJoCo's compiler.
 * @param read the text of an included file; undefined leaves it to MuJoCo to say that there is none
 * @throws ModelError naming the element
 */
export function scanMjcf(xml: string, what: string, read: (file: string) => string | undefined): MjcfScan {
  const included = new Map<string, string>();
  let usesPlugins = false;
  let bytes = 0;

  const refuse = (element: string, size: string, limit: string): never => {
    throw new ModelError(`${what}: <${element}> makes ${size}`, { value: size, expected: `at most ${limit}` });
  };
  const takeBytes = (element: string, more: number) => {
    bytes += more;
    if (bytes > mostBytes()) refuse(element, `${gib(bytes)} of data`, gib(mostBytes()));
  };

  const scan = (text: string, outer: number) => {
    const copies = [outer];
    for (const { name, isEnd, isEmpty, attribute } of tags(text)) {
      if (isEnd) {
        if (name === 'replicate' && copies.length > 1) copies.pop();
        continue;
      }
      const each = copies.at(-1)!;
      const numbers = (key: string) => (attribute(key) ?? '').trim().split(/\s+/).map(Number).filter(Number.isFinite);
      const product = (keys: string) => numbers(keys).reduce((all, n) => all * Math.max(1, n), 1);
      if (name === 'replicate') {
        const count = each * product('count');
        if (count > mostCopies) refuse(name, `${count} copies`, `${mostCopies}`);
        if (!isEmpty) copies.push(count);
      } else if (name === 'flexcomp' || name === 'composite') {
        const count = each * product('count');
        if (count > mostPoints) refuse(name, `${count} points`, `${mostPoints}`);
      } else if (name === 'mesh') {
        const [first = 1, second = 1] = numbers('params');
        const points = Math.max(first, first * second, first * first);
        if (points > mostPoints) refuse(name, `${points} points`, `${mostPoints}`);
      } else if (name === 'hfield') {
        takeBytes(name, 4 * product('nrow') * product('ncol'));
      } else if (name === 'texture') {
        const faces = attribute('type') === '2d' ? 1 : 6;
        takeBytes(name, faces * product('width') * product('height') * Math.max(3, product('nchannel')));
      } else if (name === 'size') {
        for (const key of sizeKeys)
          takeBytes(`size ${key}`, 8 * ((numbers(key)[0] ?? 0) * (key === 'nuserdata' ? 1 : 64)));
      } else if (name === 'plugin') {
        usesPlugins = true;
      } else if (name === 'include') {
        const file = attribute('file');
        if (file === undefined || included.has(file)) continue;
        const part = read(file);
        if (part === undefined) continue;
        included.set(file, part);
        scan(part, each);
      }
    }
  };
  scan(xml, 1);
  return { included, usesPlugins };
}

// Each is the length of an array of every object of a kind, or of keyframes.
const sizeKeys = [
  'nuserdata',
  'nkey',
  'nuser_body',
  'nuser_jnt',
  'nuser_geom',
  'nuser_site',
  'nuser_cam',
  'nuser_tendon',
  'nuser_actuator',
  'nuser_sensor',
];

interface Tag {
  name: string;
  isEnd: boolean;
  isEmpty: boolean;
  attribute(key: string): string | undefined;
}

/** Tags in the order of the text, comments and the like left out. What is no XML is left to MuJoCo to complain about. */
function* tags(text: string): Generator<Tag> {
  const nameAt = /<(\/?)([A-Za-z_][\w.-]*)/y;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const skipped = [
      ['<!--', '-->'],
      ['<![CDATA[', ']]>'],
      ['<?', '?>'],
    ].find(([start]) => text.startsWith(start!, at));
    if (skipped !== undefined) {
      const end = text.indexOf(skipped[1], at + skipped[0].length);
      if (end < 0) return;
      at = end + skipped[1].length;
      continue;
    }
    nameAt.lastIndex = at;
    const found = nameAt.exec(text);
    if (found === null) {
      at++;
      continue;
    }
    const start = at + found[0].length;
    let end = start;
    for (let quote = ''; end < text.length && (quote !== '' || text[end] !== '>'); end++) {
      const c = text[end];
      if (quote === '' ? c === '"' || c === "'" : c === quote) quote = quote === '' ? c : '';
    }
    const inside = text.slice(start, end);
    yield {
      name: found[2],
      isEnd: found[1] === '/',
      isEmpty: inside.endsWith('/'),
      attribute(key) {
        const match = new RegExp(`(?:^|\\s)${key}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(inside);
        return match === null ? undefined : decode(match[1] ?? match[2]);
      },
    };
    at = end;
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(value: string): string {
  return value.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return entities[name as string] ?? all;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
