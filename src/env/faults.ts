import { ModelError, TrellisError } from '../base/errors.js';

/** Collects what is wrong with a definition, so that it is told at once and not one fault a try. */
export class Faults {
  private readonly found: TrellisError[] = [];

  add(error: TrellisError): void {
    this.found.push(error);
  }

  /** Runs a check and keeps what it throws on purpose. @returns its result, undefined where it threw */
  try<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof TrellisError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  /** Throws what was found: a single error as it is, several as one ModelError that lists them. */
  report(what: string): void {
    const [first, ...others] = this.found;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const list = this.found.map(({ message }) => `\n- ${message}`).join('');
    throw new ModelError(`${what}: ${this.found.length} faults:${list}`, { value: first.value, cause: first });
  }
}
