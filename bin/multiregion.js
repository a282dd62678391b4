#!/usr/bin/env node
// Starts the built CLI. The SDK's note on Node versions is for its own users, not for ours.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
const { main } = await import('../dist/cli.js')
const exit = await main(process.argv.slice(2))
// Idle keep-alive connections would hold the process for some seconds more; what was printed goes out first.
process.stdout.write('', () => process.exit(exit))
