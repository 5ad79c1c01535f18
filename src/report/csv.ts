import { ArgumentError } from '../base/errors.js';

/** A table of text cells under named columns. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A cell before it is written: numbers keep all their digits, null and undefined become empty cells. */
export type CsvCell = string | number | boolean | null | undefined;

/**
 * Reads comma-separated values (RFC 4180: quotes, doubled quotes, line breaks inside quotes). A last line without a line
 * break that has fewer cells than the header is what a killed writer leaves, and is dropped.
 * @throws ArgumentError when another line has a different number of cells than the header
 */
export function parseCsv(text: string, name = 'CSV'): CsvTable {
  const records = splitRecords(text);
  const columns = records.shift();
  if (columns === undefined) return { columns: [], rows: [] };
  const last = records.at(-1);
  if (last !== undefined && last.length < columns.length && !/\r?\n$/.test(text)) records.pop();
  records.forEach((record, i) => {
    if (record.length !== columns.length) {
      throw new ArgumentError(`${name}, line ${i + 2} has ${record.length} cells`, {
        value: record,
        expected: `${columns.length} cells as in the header`,
      });
    }
  });
  return { columns, rows: records };
}

/** Writes a table with a line break after every line. Texts that a spreadsheet would run as a formula get an apostrophe. */
export function formatCsv(columns: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(formatCell).join(',')}\n`).join('');
}

/** What a spreadsheet takes for a formula … */
const FORMULA = /^[=+\-@\t\r]/;
/** … unless it is a number, or a range of them. */
const NUMBERS = /^[-+]?[\d.][\d.,eE+\-%\s…]*$/;

function formatCell(cell: CsvCell): string {
  let text = cell === null || cell === undefined ? '' : String(cell);
  // An apostrophe makes it text there. Only texts can come from outside: names of runs, of experiments.
  if (typeof cell === 'string' && FORMULA.test(text) && !NUMBERS.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function splitRecords(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      record.push(cell);
      cell = '';
    } else if (c === '\n') {
      record.push(cell);
      records.push(record);
      record = [];
      cell = '';
    } else if (c !== '\r') cell += c;
  }
  if (cell !== '' || record.length > 0) records.push([...record, cell]);
  return records;
}
