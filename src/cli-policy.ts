// `multiregion policy`: prints the operator's policy; and what `local start --enforce-iam` does with it. What is in it is
// `commands/operator-policy.ts`'s.
import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { EXIT, UsageError } from './base/errors.js'
import { dataDirOf, ensureLocal, throughDoor } from './cli-cloud.js'
import type { Ending } from './cli-run.js'
import type { LocalCloud } from './commands/target.js'
import type { Config } from './config/schema.js'

interface PolicyOptions {
  readonly config: string
  readonly local?: boolean
  readonly json?: boolean
  readonly account?: string
  readonly zone?: string
}

export function policyCommand(end: (ending: Ending) => void): Command {
  return new Command('policy')
    .description("print the IAM policy that is enough for this stack's operator, and no larger")
    .option('-c, --config <file>', 'the config file', 'config/regions.json')
    .option('--local', 'for the local cloud')
    .option('--account <number>', 'of this account, instead of that of the credentials')
    .option('--zone <id>', 'for this hosted zone, instead of the one that holds the domain')
    .option('--json', 'one JSON object on stdout, with the size')
    .option('--no-color', 'no colours')
    .option('-v, --verbose', 'tell more')
    .addHelpText(
      'after',
      `
Examples:
  $ multiregion policy --account 123456789012 --zone Z0123456789 > policy.json
  $ aws iam create-policy --policy-name multiregion --policy-document file://policy.json
  $ multiregion local start --enforce-iam      the local cloud's operator is held to it`,
    )
    .action(async (options: PolicyOptions) => {
      await print(options)
      end({ exit: EXIT.done })
    })
}

async function print(options: PolicyOptions): Promise<void> {
  refuseOdd(options)
  const { loadConfig } = await import('./config/load.js')
  const config = await loadConfig(options.config)
  const result = await resultFor(config, options, options.local ? await ensureLocal(config) : undefined)
  const { paintFor } = await import('./ui/paint.js')
  const { report } = await import('./ui/report.js')
  const paint = paintFor(process.stdout, false)
  const text = options.json
    ? `${JSON.stringify(result, null, 2)}\n`
    : report(result, { paint, program: '', local: options.local === true })
  process.stdout.write(text)
  if (!options.json) process.stderr.write(`${result.characters} of 6144 characters\n`)
}

function refuseOdd({ account, zone }: PolicyOptions): void {
  if (account !== undefined && !/^\d{12}$/.test(account))
    throw new UsageError(`--account ${account} is not 12 digits`, 'For example: --account 123456789012')
  if (zone !== undefined && !/^Z[A-Z0-9]{1,31}$/.test(zone))
    throw new UsageError(`--zone ${zone} is no id of a hosted zone`, 'For example: --zone Z0123456789')
}

async function resultFor(config: Config, given: PolicyOptions, local?: LocalCloud) {
  const { policy } = await import('./commands/policy.js')
  const { awsTarget, localTarget } = await import('./commands/target.js')
  const silent = () => undefined
  const target = async () => (local ? localTarget(config, local, silent) : awsTarget(config, silent))
  return policy(config, target, given)
}

/** With white space; IAM counts what is left without, and that far less. */
const LONGEST_POLICY = 65_536

/** What finding the zone needs, for the moment before the whole policy is known. */
const LOOKING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['route53:ListHostedZonesByName', 'route53:GetHostedZone'],
      Resource: '*',
    },
  ],
})

/** Holds the operator of the running local cloud to that policy, or to that of the configured stack. */
export async function givePolicy(config: Config, cloud: LocalCloud, document?: string): Promise<void> {
  const give = (document: string) =>
    throughDoor((door) => door.setOperatorPolicy(dataDirOf(config.file), document))
  if (document !== undefined) return void (await give(document))
  await give(LOOKING)
  const { policy } = await resultFor(config, { config: config.file }, cloud)
  await give(JSON.stringify(policy))
}

/** The policy in that file. Throws UsageError where there is none. */
export async function documentIn(file: string): Promise<string> {
  const hint =
    'Give the file of a policy, as multiregion policy prints it; without one, that policy itself is taken.'
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--enforce-iam ${file}: ${error.message}`, hint)
  })
  if (text.length > LONGEST_POLICY)
    throw new UsageError(`--enforce-iam ${file} is too long: no policy has ${text.length} characters`, hint)
  try {
    JSON.parse(text)
    return text
  } catch (error) {
    throw new UsageError(`--enforce-iam ${file} is not JSON: ${(error as Error).message}`, hint)
  }
}
