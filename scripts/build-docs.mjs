#!/usr/bin/env node
// Builds the documents as pages: npm run docs writes build/docs. Ends with an error at a link to a file that is not there.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'build/docs');
const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...documents.map((name) => `docs/${name}`)];
const dead = [];

const pageOf = (file) => (file === 'README.md' ? 'index.html' : file.replace(/\.md$/, '.html'));
const slug = (text) =>
  text
    .toLowerCase()
    .replace(/<[^>]*>|[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

/** Links between documents lead to pages; what else they name (figures, tables, licence) is copied. */
function link(from, href) {
  if (/^(https?:|#|mailto:)/.test(href)) return href;
  const [path, anchor = ''] = href.split('#');
  const file = normalize(join(dirname(from), path));
  if (!existsSync(join(root, file))) {
    dead.push(`${from}: ${href}`);
    return href;
  }
  const suffix = anchor === '' ? '' : `#${anchor}`;
  const isPage = pages.includes(file);
  if (!isPage && statSync(join(root, file)).isFile()) cpSync(join(root, file), join(out, file), { recursive: true });
  return `${'../'.repeat(from.split('/').length - 1)}${isPage ? pageOf(file) : file}${suffix}`;
}

rmSync(out, { recursive: true, force: true });
for (const page of pages) {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        return `<h${depth} id="${slug(text)}">${text}</h${depth}>\n`;
      },
    },
    walkTokens: (token) => {
      if (token.type === 'link' || token.type === 'image') token.href = link(page, token.href);
    },
  });
  const text = readFileSync(join(root, page), 'utf8');
  const style =
    'body{max-width:52rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 sans-serif}img{max-width:100%}' +
    'pre{background:#f4f4f4;padding:.6rem;overflow:auto}td,th{border:1px solid #ccc;padding:.2rem .5rem}table{border-collapse:collapse}';
  const file = join(out, pageOf(page));
  mkdirSync(dirname(file), { recursive: true });
  const head = `<!doctype html><meta charset="utf-8"><title>${/^# (.*)/m.exec(text)?.[1] ?? page}</title><style>${style}</style>`;
  writeFileSync(file, `${head}\n${marked.parse(text)}`);
}
for (const line of dead) console.error(`dead link: ${line}`);
if (dead.length > 0) process.exit(1);
console.log(`${pages.length} pages in ${out}`);
