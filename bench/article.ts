// How long the article takes in virtual time, phase by phase, at a time scale: `npx tsx bench/article.ts --scale 10 --seed 1 --rounds 3`.
// Runs the built CLI on a local cloud of its own; what takes how long on AWS is the profile's. Compare two scales' lines.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = path.resolve(import.meta.dirname, '..')
const REGION = 'eu-west-1'
const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    /** Failovers and failbacks: where the checkers stand in their interval is chance, so their mean is told. */
    rounds: { type: 'string', default: '3' },
  },
})
const scale = Number(values.scale)
const folder = mkdtempSync(path.join(os.tmpdir(), 'multiregion-bench-'))
cpSync(path.join(ROOT, 'config'), path.join(folder, 'config'), { recursive: true })
mkdirSync(path.join(folder, 'src'))
cpSync(path.join(ROOT, 'src/handlers'), path.join(folder, 'src/handlers'), { recursive: true })
symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))

/** Runs a verb; its virtual seconds. */
async function timed(...args: string[]): Promise<number> {
  const begun = performance.now()
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/multiregion.js'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`multiregion ${args.join(' ')} ended with ${code}:\n${said}`)
  return ((performance.now() - begun) / 1000) * scale
}

const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length
const verb = (name: string, ...more: string[]) => timed(name, '--local', ...more)

try {
  await timed('local', 'start', '--time-scale', values.scale, '--seed', values.seed)
  const up = await verb('up', '--yes')
  const failovers: number[] = []
  const failbacks: number[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    failovers.push(await verb('failover', '--region', REGION, '--yes'))
    failbacks.push(await verb('failback', '--region', REGION, '--yes'))
  }
  const down = await verb('down', '--yes')
  const seconds = { up, failover: mean(failovers), failback: mean(failbacks), down }
  console.log(JSON.stringify({ scale, seed: Number(values.seed), seconds, failovers, failbacks }, rounded))
} finally {
  await timed('local', 'stop').catch(() => {})
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

function rounded(_key: string, value: unknown) {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value
}
