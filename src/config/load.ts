// From a file to a Config, or to one ConfigError that lists all that is wrong with it. Reads the config and looks
// whether the handlers' files are there; what they contain is found out by `bundle/`.
import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ConfigError } from '../base/errors.js'
import { stackName } from '../base/names.js'
import { check, tableEnvironment } from './check.js'
import { inspect } from './inspect.js'
import { readJson } from './json.js'
import { fileText, type Problem, problemsError } from './problem.js'
import { parseRoute } from './route.js'
import { type Config, type ConfigFunction, type ConfigValues, configSchema } from './schema.js'

export type { Config, ConfigFunction } from './schema.js'

const LARGEST_BYTES = 1024 * 1024

/** Reads, checks and completes a config file. The path may be relative to the current folder. Throws ConfigError. */
export async function loadConfig(path: string): Promise<Config> {
  const file = resolve(path)
  return parseConfig(readText(file), file)
}

/**
 * The same for a text that was read already: `file`, an absolute path, is where it would stand, and handlers are
 * looked for in the folder above its own. Throws ConfigError.
 */
export function parseConfig(text: string, file: string): Config {
  const name = fileText(file)
  const document = readJson(text, (what, { line, column }) => {
    throw new ConfigError(
      `${name}, line ${line}, column ${column}: ${what}`,
      `Make ${name} plain JSON again.`,
      { file },
    )
  })
  const root = dirname(dirname(file))
  const { known, problems } = inspect(configSchema, document.value)
  const all: Problem[] = [...problems, ...check(known)]
  for (const [key, one] of Object.entries(known.functions ?? {})) {
    const rule = one?.handler === undefined ? undefined : fileRule(resolve(root, one.handler))
    if (rule) all.push({ path: ['functions', key, 'handler'], message: `must be a file, but ${rule}` })
  }
  if (all.length > 0) throw problemsError(file, document, all)
  return complete(configSchema.parse(document.value), file, root)
}

function readText(file: string): string {
  const name = fileText(file)
  const refuse = (what: string, cause?: unknown): never => {
    const hint = 'Name the config file with --config FILE; the default is config/regions.json.'
    throw Object.assign(new ConfigError(what, hint, { file }), cause === undefined ? {} : { cause })
  }
  const stats = statOf(file)
  if (!stats) return refuse(`There is no config file ${name}`)
  if (stats.isDirectory()) return refuse(`The config file ${name} is a folder`)
  if (!stats.isFile()) return refuse(`The config file ${name} is not a regular file`)
  if (stats.size > LARGEST_BYTES)
    return refuse(`The config file ${name} has more than ${LARGEST_BYTES} bytes`)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    return refuse(`The config file ${name} cannot be read: ${(error as Error).message}`, error)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    return refuse(`The config file ${name} is not UTF-8 text`, error)
  }
}

function fileRule(file: string): string | undefined {
  const stats = statOf(file)
  if (!stats) return `there is no ${fileText(file)}`
  return stats.isFile() ? undefined : `${fileText(file)} is none`
}

/** Whatever hinders the look, a file that cannot be seen is not there for us. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}

function complete(values: ConfigValues, file: string, root: string): Config {
  const { $schema, functions, proof, regions, ...rest } = values
  return {
    ...rest,
    file,
    root,
    stack: stackName(values.name, values.stage),
    regions,
    home: regions[0]!,
    functions: Object.entries(functions).map(([key, one]) => completeFunction(key, one, values, root)),
    ...(proof && { proof: completeProof(proof) }),
  }
}

function completeFunction(
  key: string,
  { handler, environment, ...rest }: ConfigValues['functions'][string],
  { table }: ConfigValues,
  root: string,
): ConfigFunction {
  const { method, path } = parseRoute(rest.route)
  return {
    ...rest,
    key,
    handlerFile: resolve(root, handler),
    method,
    path,
    environment: { ...tableEnvironment(table), ...environment },
  }
}

function completeProof(proof: NonNullable<ConfigValues['proof']>): NonNullable<Config['proof']> {
  const write = parseRoute(proof.write)
  const read = parseRoute(proof.read)
  return {
    write: { method: write.method, path: write.path },
    read: { method: read.method, path: read.path, parameter: read.parameters[0]! },
  }
}
