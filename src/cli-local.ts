// The verbs of the local cloud: start, stop, status, env, logs, reset. `cli-cloud.ts` opens
// it for them, and for every verb with `--local`.
import path from 'node:path'
import { Command, Option } from 'commander'
import { CancelledError, EXIT, MultiregionError, UsageError } from './base/errors.js'
import { dataDirOf, door, ensureLocal } from './cli-cloud.js'
import type { Ending } from './cli-run.js'
import type { RunningCloud } from './local/door.js'

interface LocalOptions {
  readonly config: string
  readonly json?: boolean
  readonly yes?: boolean
  readonly profile?: 'realistic' | 'instant'
  readonly timeScale?: number
  readonly region?: string
  readonly function?: string
  readonly follow?: boolean
}

export function localCommand(end: (ending: Ending) => void): Command {
  const local = (name: string, summary: string) =>
    new Command(name)
      .description(summary)
      .option('-c, --config <file>', 'the config file', 'config/regions.json')
      .option('--json', 'one JSON object on stdout')
      .option('--no-color', 'no colours')
      .option('-v, --verbose', 'tell more')
  const act = (work: (options: LocalOptions) => Promise<void>) => async (options: LocalOptions) => {
    await work(options)
    end({ exit: EXIT.done })
  }
  return new Command('local')
    .description('the embedded multi-region cloud of this project')
    .addCommand(
      local('start', 'start it (every verb with --local does)')
        .addOption(
          new Option('--profile <profile>', 'how long things take').choices(['realistic', 'instant']),
        )
        .addOption(
          new Option('--time-scale <n>', 'cloud seconds in a real second (default 20)').argParser(timeScale),
        )
        .action(act(start)),
    )
    .addCommand(local('stop', 'stop it; everything stays on disk').action(act(stop)))
    .addCommand(local('status', 'where it is').action(act(status)))
    .addCommand(local('env', 'print shell exports for the aws CLI and SDKs').action(act(env)))
    .addCommand(
      local('logs', "print the functions' logs")
        .option('-r, --region <region>', 'only of this region')
        .option('--function <key>', 'only of this function')
        .option('-f, --follow', 'go on printing')
        .action(act(logs)),
    )
    .addCommand(
      local('reset', 'stop it and remove all its data, and the local state')
        .option('-y, --yes', 'do not ask')
        .action(act(reset)),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ multiregion local start --time-scale 10
  $ eval "$(multiregion local env)" && aws dynamodb list-tables --region us-east-1
  $ multiregion local logs --region eu-west-1 --function health --follow
  $ multiregion local reset --yes`,
    )
}

function timeScale(text: string): number {
  const scale = Number(text)
  if (Number.isFinite(scale) && scale >= 1 && scale <= 1000) return scale
  throw new UsageError(
    `--time-scale ${text} is not a number from 1 to 1000`,
    'For example: multiregion local start --time-scale 10',
  )
}

const say = (text: string) => void process.stdout.write(`${text}\n`)
const json = (value: unknown) => say(JSON.stringify(value, null, 2))

async function start(options: LocalOptions): Promise<void> {
  const { loadConfig } = await import('./config/load.js')
  const cloud = await ensureLocal(await loadConfig(options.config), options)
  const other =
    (options.timeScale !== undefined && options.timeScale !== cloud.timeScale) ||
    (options.profile !== undefined && options.profile !== cloud.profile)
  if (other)
    throw new UsageError(
      `The local cloud runs already, with profile ${cloud.profile} at scale ${cloud.timeScale}`,
      'Stop it first: multiregion local stop',
    )
  if (options.json) json(publicStatus(cloud))
  else
    say(
      `The local cloud ${cloud.started ? 'has started' : 'runs already'}: ${cloud.endpointUrl} (pid ${cloud.pid}, scale ${cloud.timeScale}).`,
    )
}

async function stop({ config, json: asJson }: LocalOptions): Promise<void> {
  const stopped = await (await door()).stop(dataDirOf(config))
  if (asJson) json({ running: false, stopped })
  else say(stopped ? 'The local cloud has stopped.' : 'The local cloud was not running.')
}

async function status({ config, json: asJson }: LocalOptions): Promise<void> {
  const cloud = await (await door()).find(dataDirOf(config))
  if (asJson) return json(cloud ? publicStatus(cloud) : { running: false })
  if (!cloud) return say('The local cloud is not running. Start it: multiregion local start')
  say(
    `running      pid ${cloud.pid}, ${cloud.memoryMb} MB, profile ${cloud.profile}, scale ${cloud.timeScale}`,
  )
  say(`AWS APIs     ${cloud.endpointUrl}  (${cloud.calls.total} calls, ${cloud.calls.perSecond} a second)`)
  say(`edge         ${cloud.edgeUrl}  (header x-client-location: REGION)`)
  say(`DNS          ${cloud.dns.address} port ${cloud.dns.port}`)
  say(`CA           ${cloud.caFile}`)
  for (const [region, { address, httpsPort, clientSubnet }] of Object.entries(cloud.regions))
    say(`${region.padEnd(13)}https ${address}:${httpsPort}, clients in ${clientSubnet}`)
}

function publicStatus({ ca: _ca, credentials: _credentials, started: _started, ...rest }: RunningCloud) {
  return rest
}

async function env({ config, json: asJson }: LocalOptions): Promise<void> {
  const cloud = await (await door()).find(dataDirOf(config))
  if (!cloud) throw notRunning()
  const region = Object.keys(cloud.regions)[0] ?? 'us-east-1'
  const variables = {
    AWS_ENDPOINT_URL: cloud.endpointUrl,
    AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  }
  if (asJson) return json(variables)
  for (const [name, value] of Object.entries(variables)) say(`export ${name}=${value}`)
}

async function logs(options: LocalOptions): Promise<void> {
  const { find, logs } = await door()
  const dataDir = dataDirOf(options.config)
  if (!(await find(dataDir))) throw notRunning()
  let since = 0
  do {
    const lines = await logs(dataDir, { since, region: options.region, function: options.function })
    for (const { region, group, at, message } of lines) {
      if (options.json) say(JSON.stringify({ region, group, at, message }))
      else say(`${new Date(at).toISOString()} ${region} ${group.split('/').at(-1)} ${message.trimEnd()}`)
    }
    since = lines.length > 0 ? lines.at(-1)!.at + 1 : since
    if (options.follow) await new Promise((resolve) => setTimeout(resolve, 500))
  } while (options.follow)
}

async function reset({ config, yes, json: asJson }: LocalOptions): Promise<void> {
  if (!yes && !process.stdin.isTTY)
    throw new UsageError(
      'multiregion local reset removes all local data, and here is no terminal to ask at',
      'Say yes beforehand: multiregion local reset --yes',
    )
  if (!yes && !(await agreed())) return say('Nothing was changed.')
  const dataDir = dataDirOf(config)
  await (await door()).reset(dataDir)
  await forgetLocalStates(path.dirname(dataDir))
  if (asJson) json({ running: false, reset: true })
  else say('The local cloud and its state are gone.')
}

/** The states of stacks that stood on the cloud that is gone. */
async function forgetLocalStates(folder: string): Promise<void> {
  const { readdir, rm } = await import('node:fs/promises')
  for (const name of await readdir(folder).catch(() => []))
    if (name.endsWith('.json')) await rm(path.join(folder, name))
}

async function agreed(): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test(
      await terminal.question('Remove the local cloud with all its items and its state? [y/N] '),
    )
  } catch {
    throw new CancelledError(
      'Interrupted at the question; nothing was changed.',
      'Run the same command again.',
    )
  } finally {
    terminal.close()
  }
}

const notRunning = () =>
  new MultiregionError('not-running', 'The local cloud is not running.', 'Start it: multiregion local start')
