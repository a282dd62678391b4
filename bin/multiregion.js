#!/usr/bin/env node
// Starts the built CLI. The SDK's note on Node versions is for its own users, not for ours.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
// A reader that goes away (`| head -1`) ends what is printed, not what is done.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
  })
const { main } = await import('../dist/cli.js')
const exit = await main(process.argv.slice(2))
// Idle keep-alive connections would hold the process for some seconds more; what was printed goes out first.
process.exitCode = exit
if (process.stdout.destroyed) process.exit(exit)
process.stdout.write('', () => process.exit(exit))
