#!/usr/bin/env node
// Starts the built CLI. The SDK's note on Node versions is for its own users, not for ours.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
// A reader that goes away (`| head -1`) or a full disk ends what is printed, not what is done.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
const { main } = await import('../dist/cli.js')
const exit = await main(process.argv.slice(2))

/** Idle keep-alive connections would hold the process for some seconds more. A result that was lost is no success. */
function leave() {
  const { errored } = process.stdout
  if (!errored || errored.code === 'EPIPE') process.exit(exit)
  process.stderr.write(`multiregion: the result could not be printed: ${errored.message}\n`)
  process.exit(exit || 1)
}
process.exitCode = exit
if (process.stdout.destroyed) leave()
// What was printed goes out first.
else process.stdout.write('', leave)
