// Random calls under sanitizers, for hours: all options of `npm run fuzz`, and --minutes.
const at = process.argv.indexOf('--minutes');
const [minutes] = at < 0 ? [60] : process.argv.splice(at, 2).slice(1).map(Number);
process.argv.push('--seconds', String(60 * minutes!));
if (!process.argv.includes('--sanitized')) process.argv.push('--sanitized');
await import('../fuzz/main.js');

export {};
