// What every verb's command line has alike. The verbs themselves are in `cli.ts` and the files beside it.
import { Command } from 'commander'

export function verb(name: string, summary: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(summary)
    .option('-c, --config <file>', 'the config file', 'config/regions.json')
    .option('--local', 'work on the local cloud: no AWS account, nothing to pay')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'one JSON object on stdout; progress stays on stderr')
    .option('-v, --verbose', 'tell every wait and every call')
    .option('--no-color', 'no colours')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`)
}
