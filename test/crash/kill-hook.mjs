// Loaded into the CLI's process with `--import`: notes every mutating call, and kills the process itself with SIGKILL at
// the one that it is told, so that a crash needs no timing. What the instants mean says `crash-point.ts`; `crash-run.ts` drives.
import fs from 'node:fs'
import fsPromises from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

/** `{ log?, point?, instant? }` */
const told = JSON.parse(process.env.MULTIREGION_CRASH ?? '{}')
if (/multiregion\.js$/.test(process.argv[1] ?? '')) install()

/** Words of REST paths; what stands between them are names and ids. */
const WORDS = new Set(
  (
    'restapis deployments stages domainnames basepathmappings functions policy configuration code tags ' +
    'healthcheck hostedzone rrset trafficpolicy trafficpolicyinstance item'
  ).split(' '),
)

/** SIGKILL to oneself is delivered before the system call returns. */
function die() {
  process.kill(process.pid, 'SIGKILL')
}

/** `lambda:POST functions@eu-west-1`, `dynamodb:CreateTable@eu-west-1`; undefined for a read. */
function nameOf({ method, path, headers }, body) {
  const header = Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]))
  const scope = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(header.authorization ?? '')
  const [region, service] = scope ? [scope[1], scope[2]] : ['', 'execute-api']
  const target = header['x-amz-target']?.split('.').pop()
  const action = target ?? /^Action=(\w+)/.exec(body)?.[1]
  if (action && /^(Get|List|Describe|Query|Scan)/.test(action)) return undefined
  if (!action && method === 'GET') return undefined
  const words = (path ?? '').split('?')[0].split('/').slice(1)
  const rest = words.map((word) => (WORDS.has(word) ? word : '*')).join('/')
  return `${service}:${action ?? `${method} ${rest}`}${region && `@${region}`}`
}

function install() {
  const met = new Map()
  let armed = false

  /** Notes the call; tells whether it is the one. The SDK's own second tries are no calls of their own. */
  function meet(name, headers) {
    if (/attempt=[2-9]/.test(headers?.['amz-sdk-request'] ?? '')) return false
    const times = (met.get(name) ?? 0) + 1
    met.set(name, times)
    if (told.log) fs.appendFileSync(told.log, `${name}#${times}\n`)
    return `${name}#${times}` === told.point
  }

  for (const module of [http, https]) {
    const request = module.request
    module.request = (options, onAnswer, ...others) => {
      // By URL: what the CLI asks the local cloud's own door.
      if (typeof options === 'string' || options instanceof URL) return request(options, onAnswer, ...others)
      let isPoint = false
      const sent = request(options, (answer) => {
        if (isPoint && told.instant === 'unanswered') die()
        if (isPoint) armed = true
        onAnswer?.(answer)
      })
      const end = sent.end.bind(sent)
      sent.end = (body, ...more) => {
        const name = nameOf(options, typeof body === 'string' || Buffer.isBuffer(body) ? String(body) : '')
        isPoint = name !== undefined && meet(name, options.headers)
        if (isPoint && told.instant === 'unsent') die()
        return end(body, ...more)
      }
      return sent
    }
  }

  const isState = (file) => /\.json\.[^/]*tmp$/.test(String(file))
  const { writeFile, rename } = fsPromises
  fsPromises.writeFile = async (file, text, ...more) => {
    if (armed && isState(file) && told.instant === 'unrecorded') die()
    if (armed && isState(file) && told.instant === 'torn') {
      fs.writeFileSync(file, String(text).slice(0, String(text).length / 2))
      die()
    }
    return writeFile(file, text, ...more)
  }
  fsPromises.rename = async (file, other) => {
    if (armed && isState(file) && told.instant === 'unrenamed') die()
    return rename(file, other)
  }
  syncBuiltinESMExports()
}
