// The verbs that look after the state: `state show|rebuild|unlock|takeover`. What they do is in `commands/`.
import { Command, Option } from 'commander'
import { UsageError } from './base/errors.js'
import type { Common } from './cli-run.js'
import { verb } from './cli-verb.js'

export function stateCommand(
  run: (name: 'show' | 'rebuild' | 'unlock' | 'takeover') => (options: Common) => Promise<void>,
): Command {
  const show = verb('show', 'print what the state says', [
    'multiregion state show --local',
    'multiregion state show --json',
  ]).action(run('show'))
  const rebuild = verb('rebuild', 'make the state anew from what stands, after its file is gone or damaged', [
    'multiregion state rebuild              shows what it found, and asks',
    'multiregion state rebuild --local --yes',
  ])
    .option(
      '--lineage <lineage>',
      'whose resources, where those of several states stand (tag multiregion:lineage)',
      lineageIn,
    )
    .action(run('rebuild'))
  const unlock = verb('unlock', 'free the lock of a run that is certainly dead', [
    'multiregion state unlock 6f1c0c1e-5f0d-4f57-9d39-3f2f5a1d2b7c',
  ])
    .argument('<nonce>', 'as the refused run printed it', nonceIn)
    .action((nonce: string, options: Common) => run('unlock')({ ...options, nonce }))
  const takeover = verb('takeover', 'give a shared state another home region, as after the old one is lost', [
    'multiregion state takeover --to us-east-1',
  ])
    .addOption(new Option('--to <region>', 'the new home').makeOptionMandatory())
    .option('--force', 'do not look whether a run still works in a home that does not answer')
    .action(run('takeover'))
  return new Command('state')
    .description('look after the state')
    .addCommand(show)
    .addCommand(rebuild)
    .addCommand(unlock)
    .addCommand(takeover)
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Whole, as a part of one may fit the marks of several states. Throws UsageError. */
function lineageIn(given: string): string {
  if (UUID.test(given)) return given
  throw new UsageError(
    `--lineage ${JSON.stringify(given)} is no lineage: that is a whole UUID`,
    'Take it from the tag multiregion:lineage of what stands, or leave it out: multiregion state rebuild finds it, and names all where there are several.',
  )
}

/** Throws UsageError. */
function nonceIn(given: string): string {
  if (given.trim() !== '') return given
  throw new UsageError(
    'The nonce is empty',
    'It stands in the refusal of a run that finds the stack held: multiregion state unlock NONCE',
  )
}
