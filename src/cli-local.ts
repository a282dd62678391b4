// The verbs of the local cloud: start, stop, status, env, logs, reset; those of faults are `cli-fault.ts`'s. `cli-cloud.ts`
// opens it for them, and for every verb with `--local`.
import path from 'node:path'
import { Command, Option } from 'commander'
import { EXIT, MultiregionError, UsageError } from './base/errors.js'
import { dataDirOf, ensureLocal, throughDoor } from './cli-cloud.js'
import { faultCommand } from './cli-fault.js'
import { documentIn, givePolicy } from './cli-policy.js'
import type { Ending } from './cli-run.js'
import { statusText } from './cli-status.js'
import type { RunningCloud } from './local/door.js'
import { printable } from './ui/printable.js'

interface LocalOptions {
  readonly config: string
  readonly json?: boolean
  readonly yes?: boolean
  readonly profile?: 'realistic' | 'instant'
  readonly timeScale?: number
  /** The file of a policy, or true for that of the configured stack. */
  readonly enforceIam?: boolean | string
  readonly seed?: number
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
  const act =
    <O>(work: (options: O) => Promise<void>) =>
    async (options: O) => {
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
        .option('--enforce-iam [policy]', 'IAM restricts the operator, to that file or to multiregion policy')
        .option('--no-enforce-iam', 'the operator may do everything (default)')
        .addOption(
          new Option('--seed <n>', 'of jitter and chance: the same one gives the same').argParser(seed),
        )
        .addHelpText(
          'after',
          '\nWhat is chosen here stays so for the starts that follow, until it is chosen anew.',
        )
        .action(act(start)),
    )
    .addCommand(local('stop', 'stop it; everything stays on disk').action(act(stop)))
    .addCommand(local('status', 'how it is, and where').action(act(status)))
    .addCommand(faultCommand(local, act))
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
  $ multiregion local fault add region-out --region eu-west-1
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

function seed(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value < 2 ** 32) return value
  throw new UsageError(
    `--seed ${text} is not a whole number below 4294967296`,
    'For example: multiregion local start --seed 7',
  )
}

const say = (text: string) => void process.stdout.write(`${printable(text)}\n`)
const json = (value: object) => say(JSON.stringify({ schemaVersion: 1, ...value }, null, 2))

async function start(options: LocalOptions): Promise<void> {
  const { loadConfig } = await import('./config/load.js')
  const { profile, timeScale, seed } = options
  const enforceIam = options.enforceIam === undefined ? undefined : options.enforceIam !== false
  const config = await loadConfig(options.config)
  const file = options.enforceIam
  // Read before anything stands: a cloud that enforces no policy at all would lock its operator out.
  const policy = typeof file === 'string' ? await documentIn(file) : undefined
  const wish = { profile, scale: timeScale, enforceIam, seed, policy }
  const cloud = await ensureLocal(config, wish)
  const asked = { profile, timeScale, enforceIam, seed }
  const other = Object.entries(asked).some(
    ([name, value]) => value !== undefined && value !== cloud[name as keyof typeof asked],
  )
  if (other)
    throw new UsageError(
      `The local cloud runs already, with ${settingsText(cloud)}`,
      'They are chosen at a start. Stop it (nothing is lost) and start it as you wish: multiregion local stop',
    )
  if (enforceIam && !(cloud.started && policy)) await givePolicy(config, cloud, policy)
  if (options.json) json(publicStatus(cloud))
  else
    say(
      `The local cloud ${cloud.started ? 'has started' : 'runs already'}: ${cloud.endpointUrl} (pid ${cloud.pid}, ${settingsText(cloud)}).`,
    )
}

const settingsText = ({ profile, timeScale, enforceIam, seed }: RunningCloud) =>
  `profile ${profile} at scale ${timeScale}, seed ${seed}${enforceIam ? ', IAM enforced' : ''}`

async function stop({ config, json: asJson }: LocalOptions): Promise<void> {
  const ended = await throughDoor((door) => door.stop(dataDirOf(config)))
  if (asJson) json({ running: false, ...ended })
  else if (ended.killed)
    say(`The local cloud (pid ${ended.pid}) did not answer and was killed; all it acknowledged is kept.`)
  else say(ended.stopped ? 'The local cloud has stopped.' : 'The local cloud was not running.')
}

async function status({ config, json: asJson }: LocalOptions): Promise<void> {
  const dataDir = dataDirOf(config)
  const cloud = await throughDoor((door) => door.find(dataDir))
  if (asJson) return json(cloud ? publicStatus(cloud) : { running: false })
  if (cloud) return say(statusText(cloud))
  const how = (await throughDoor((door) => door.wasKilled(dataDir)))
    ? ': it ended without a stop. What it acknowledged is on disk.'
    : '.'
  say(`The local cloud is not running${how} Start it: multiregion local start`)
}

function publicStatus(cloud: RunningCloud) {
  const { ca: _ca, credentials: _credentials, started: _started, fresh: _fresh, ...rest } = cloud
  return rest
}

async function env({ config, json: asJson }: LocalOptions): Promise<void> {
  const cloud = await throughDoor((door) => door.find(dataDirOf(config)))
  if (!cloud) throw notRunning()
  const region = Object.keys(cloud.regions)[0] ?? 'us-east-1'
  const variables = {
    AWS_ENDPOINT_URL: cloud.endpointUrl,
    AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  }
  if (asJson) return say(JSON.stringify(variables, null, 2))
  for (const [name, value] of Object.entries(variables)) say(`export ${name}=${value}`)
}

async function logs(options: LocalOptions): Promise<void> {
  const dataDir = dataDirOf(options.config)
  if (!(await throughDoor((door) => door.find(dataDir)))) throw notRunning()
  if (options.region !== undefined) refuseUnknownRegion(options.region)
  if (options.function !== undefined) await refuseUnknownFunction(options.config, options.function)
  let since = 0
  do {
    const query = { since, region: options.region, function: options.function }
    const lines = await throughDoor((door) => door.logs(dataDir, query))
    for (const { region, group, at, message } of lines) {
      if (options.json) say(JSON.stringify({ region, group, at, message }))
      else say(`${new Date(at).toISOString()} ${region} ${group.split('/').at(-1)} ${message.trimEnd()}`)
    }
    since = lines.length > 0 ? lines.at(-1)!.at + 1 : since
    if (options.follow) await new Promise((resolve) => setTimeout(resolve, 500))
  } while (options.follow)
}

function refuseUnknownRegion(region: string): void {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return
  throw new UsageError(
    `--region ${region} is no region of AWS`,
    'For example: multiregion local logs --region eu-west-1',
  )
}

async function refuseUnknownFunction(file: string, key: string): Promise<void> {
  const { loadConfig } = await import('./config/load.js')
  const keys = (await loadConfig(file)).functions.map((one) => one.key)
  if (keys.includes(key)) return
  throw new UsageError(
    `--function ${key} is no function of this stack, which has ${keys.join(', ')}`,
    `For example: multiregion local logs --function ${keys[0]}`,
  )
}

async function reset({ config, yes, json: asJson }: LocalOptions): Promise<void> {
  if (!yes && !process.stdin.isTTY)
    throw new UsageError(
      'multiregion local reset removes all local data, and here is no terminal to ask at',
      'Say yes beforehand: multiregion local reset --yes',
    )
  const { askYes } = await import('./cli-ask.js')
  if (!yes && !(await askYes('Remove the local cloud with all its items and its state?')))
    return say('Nothing was changed.')
  const dataDir = dataDirOf(config)
  await throughDoor((door) => door.reset(dataDir))
  await forgetLocalStates(path.dirname(dataDir))
  if (asJson) json({ running: false, reset: true })
  else say('The local cloud and its state are gone.')
}

/** The states of stacks that stood on the cloud that is gone. */
async function forgetLocalStates(folder: string): Promise<void> {
  const { readdir, rm, rmdir } = await import('node:fs/promises')
  for (const name of await readdir(folder).catch(() => []))
    if (name.endsWith('.json')) await rm(path.join(folder, name))
  // What else is there is not ours.
  if (!(await readdir(folder).catch(() => ['?'])).length) await rmdir(folder)
}

const notRunning = () =>
  new MultiregionError('not-running', 'The local cloud is not running.', 'Start it: multiregion local start')
