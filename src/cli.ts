// The verbs and their options, the one catch and the one exit. What a verb does is in `commands/`, loaded when it runs;
// how it reads is in `ui/`. `cli-run.ts` opens what they share, `cli-local.ts` has the verbs of the local cloud.
import { Command, CommanderError, Option } from 'commander'
import { EXIT, UsageError } from './base/errors.js'
import { localCommand } from './cli-local.js'
import { policyCommand } from './cli-policy.js'
import { type Common, complain, type Ending, runVerb } from './cli-run.js'
import { stateCommand } from './cli-state.js'
import { verb } from './cli-verb.js'
import { version } from './version.js'

const adoptOption = () =>
  new Option(
    '--adopt <address...>',
    'take over what stands under such a name and is not ours, as table/eu-west-1',
  )
const regionOption = () => new Option('-r, --region <region>', 'the region').makeOptionMandatory()

export function program(end: (ending: Ending) => void): Command {
  const run = (name: Parameters<typeof runVerb>[0]) => async (options: Common) =>
    end(await runVerb(name, options))
  return new Command('multiregion')
    .description('Takes a serverless backend to several AWS regions at once, keeps it there, and proves it.')
    .version(version())
    .showHelpAfterError(false)
    .addCommand(
      verb('up', 'make or mend the whole stack, in all regions, and prove it', [
        'multiregion up --local --yes      everything on this machine',
        'multiregion up                    on AWS; shows what it will do and cost, and asks',
        'multiregion up --yes --json       in CI',
      ])
        .option('--no-proof', 'do not prove the regions at the end')
        .addOption(adoptOption())
        .action(run('up')),
    )
    .addCommand(
      verb('plan', 'show what up would do and what it costs, and change nothing', [
        'multiregion plan',
        'multiregion plan --detailed-exitcode --json',
      ])
        .option('--detailed-exitcode', 'exit 2 if there are changes')
        .addOption(adoptOption())
        .action(run('plan')),
    )
    .addCommand(
      verb('status', 'tell which regions serve, where DNS sends clients, and what stands', [
        'multiregion status --local',
        'multiregion status --fail --json  for a monitor',
      ])
        .option(
          '--fail',
          'exit 5 if a region does not serve or is unhealthy, the public name has no answer, or something is gone',
        )
        .action(run('status')),
    )
    .addCommand(
      verb('failover', 'take a region out of traffic, and prove that another serves', [
        'multiregion failover --region eu-west-1 --local',
      ])
        .addOption(regionOption())
        .addOption(
          new Option('--mode <mode>', 'article: the health function of the region answers 404')
            .choices(['article'])
            .default('article'),
        )
        .option('--force-last', 'drain it even if no other region serves')
        .action(run('failover')),
    )
    .addCommand(
      verb('failback', 'give a drained region its traffic back', [
        'multiregion failback --region eu-west-1 --local',
      ])
        .addOption(regionOption())
        .action(run('failback')),
    )
    .addCommand(
      verb('down', 'remove everything that up made; asks, naming the tables that go', [
        'multiregion down --local --yes',
        'multiregion down --keep-data      leaves the tables and their items',
      ])
        .option('--keep-data', 'leave the tables')
        .action(run('down')),
    )
    .addCommand(stateCommand(run))
    .addCommand(policyCommand(end))
    .addCommand(localCommand(end))
    .addHelpText(
      'after',
      `
Examples:
  $ multiregion up --local --yes                     a whole multi-region backend on this machine
  $ multiregion status --local
  $ multiregion failover --region eu-west-1 --local
  $ multiregion down --local --yes

Exit codes: 0 done, 1 error, 2 changes found (plan --detailed-exitcode), 3 partly done (run it again),
4 another run holds the stack, 5 unhealthy (status --fail), 64 wrong usage or config, 130 interrupted.`,
    )
}

/** Usage errors of commander are ours: 64. Subcommands inherit nothing, so each is told. */
function strict(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined })
  for (const option of command.options) {
    if (option.required) refuseOption(command, option)
    if (!option.variadic && !option.isBoolean()) refuseTwice(command, option)
  }
  for (const child of command.commands) strict(child)
}

/** Of two regions, the one that is not meant may be the last. */
function refuseTwice(command: Command, option: Option): void {
  let isGiven = false
  command.on(`option:${option.name()}`, () => {
    if (isGiven) command.error(`error: option '${option.flags}' is given twice`)
    isGiven = true
  })
}

/** Where the value was forgotten, commander takes the option that follows. */
function refuseOption(command: Command, option: Option): void {
  command.on(`option:${option.name()}`, (value: string) => {
    if (/^--?[a-z]/i.test(value)) command.error(`error: option '${option.flags}' argument missing`)
  })
}

/** Runs one command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exit: number = EXIT.done
  const tree = program((ending) => {
    exit = ending.exit
  })
  strict(tree)
  try {
    requireFolder()
    await tree.parseAsync(argv, { from: 'user' })
  } catch (error) {
    exit = error instanceof CommanderError ? usage(error, tree, argv) : complain(error, argv)
  }
  return exit
}

/** A shell may stand in a folder that somebody has removed; every relative path would then fail in its own way. */
function requireFolder(): void {
  try {
    process.cwd()
  } catch {
    throw new UsageError('The current folder does not exist any more.', 'Go to one that does: cd')
  }
}

function usage(error: CommanderError, tree: Command, argv: readonly string[]): number {
  if (error.exitCode === 0) return EXIT.done
  // `multiregion` and `multiregion state` alone print their help, which is an answer, but not to a question asked well.
  if (error.code === 'commander.help') return EXIT.usage
  const verb = verbIn(tree, argv)
  const hint = `Run ${['multiregion', ...verb].join(' ')} --help for ${verb.length > 0 ? 'its' : 'the verbs and their'} options.`
  return complain(new UsageError(error.message.replace(/^error: /, ''), hint), argv)
}

/** The words of the command line that name a verb. */
function verbIn(tree: Command, [word, ...rest]: readonly string[]): string[] {
  const child = tree.commands.find((one) => one.name() === word)
  return child ? [child.name(), ...verbIn(child, rest)] : []
}
