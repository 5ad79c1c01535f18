import { z } from 'zod';
import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { parseOptions } from '../base/options.js';
import { functionSchema } from '../env/source-schema.js';
import { callbackFields, type TrainCallbacks } from './callbacks.js';
import type { Logger, LoggerDefinition } from './logger.js';
import { consoleLogger } from './loggers/console.js';
import { csvLogger } from './loggers/csv.js';
import { jsonLogger } from './loggers/json.js';
import { tensorboardLogger } from './loggers/tensorboard.js';

const definitionSchema = z.strictObject({
  name: z.string().regex(/^[\w-]+$/, { error: 'expected letters, digits, "-" and "_"' }),
  summary: z.string(),
  create: functionSchema,
});
const loggerSchema = z.object({ name: z.string().min(1), ...callbackFields });

const definitions = new Map<string, LoggerDefinition>();
let begun = false;

/** The loggers that are known, those of this library from the first look on. */
function registry(): Map<string, LoggerDefinition> {
  if (!begun) {
    begun = true;
    registerLogger(consoleLogger);
    registerLogger(jsonLogger);
    registerLogger(csvLogger);
    registerLogger(tensorboardLogger);
  }
  return definitions;
}

/**
 * Makes a logger known under its name, for `--logger` and `train(config, { loggers })`.
 * @throws ArgumentError if the name is taken, or naming what of the definition is wrong
 */
export function registerLogger(definition: LoggerDefinition): void {
  const { name } = parseOptions(definitionSchema, definition, 'a logger');
  if (registry().has(name)) {
    throw new ArgumentError(`the logger "${name}" is registered already`, { value: name, expected: 'a free name' });
  }
  definitions.set(name, definition);
}

/** All loggers, in the order of registration. */
export function listLoggers(): readonly LoggerDefinition[] {
  return [...registry().values()];
}

/** @throws NotFoundError naming the nearest loggers */
export function getLogger(name: string): LoggerDefinition {
  const found = registry().get(name);
  if (found === undefined) throw new NotFoundError('logger', name, registry().keys());
  return found;
}

/** The logger of one run. @throws NotFoundError for an unknown name, ArgumentError for what is no logger */
export function makeLogger(given: string | Logger): Logger {
  if (typeof given !== 'string') {
    parseOptions(loggerSchema, given, 'a logger');
    return given;
  }
  const made = getLogger(given).create();
  if (!isObject(made)) {
    throw new ArgumentError(`the logger "${given}" created ${describeValue(made)}`, {
      value: made,
      expected: `an object of ${Object.keys(callbackFields).join(', ')}`,
    });
  }
  const logger: Logger = { ...bound(made), name: given };
  parseOptions(loggerSchema, logger, `what the logger "${given}" created`);
  return logger;
}

/** A class may have made it: its functions are called as its own. */
function bound(callbacks: TrainCallbacks): TrainCallbacks {
  const entries = (Object.keys(callbackFields) as (keyof TrainCallbacks)[]).map((name) => {
    const callback = callbacks[name] as ((...given: never[]) => unknown) | undefined;
    return [name, typeof callback === 'function' ? callback.bind(callbacks) : callback] as const;
  });
  return Object.fromEntries(entries.filter(([, callback]) => callback !== undefined)) as TrainCallbacks;
}
