// A stage's method settings: which there are, their paths in `patchOperations`, and the throttle they set.
// Metrics and logging are kept and shown; nothing here writes them.
import type { MethodSetting } from '@aws-sdk/client-api-gateway'
import type { PatchStep } from './patch.js'
import { badRequest, unsupported } from './refusal.js'

// AWS: what every other setting of a method is, once one is given.
const DEFAULTS: MethodSetting = {
  metricsEnabled: false,
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
}

const truth = (value: string) => value === 'true'

const SETTINGS: Readonly<Record<string, (value: string) => MethodSetting>> = {
  'metrics/enabled': (value) => ({ metricsEnabled: truth(value) }),
  'logging/dataTrace': (value) => ({ dataTraceEnabled: truth(value) }),
  'logging/loglevel': (value) => ({ loggingLevel: value }),
  'throttling/burstLimit': (value) => ({ throttlingBurstLimit: limit(value) }),
  'throttling/rateLimit': (value) => ({ throttlingRateLimit: limit(value) }),
  'caching/enabled': (value) => {
    if (truth(value)) refuseCaching()
    return { cachingEnabled: false }
  },
  ...Object.fromEntries(
    [
      'ttlInSeconds',
      'dataEncrypted',
      'requireAuthorizationForCacheControl',
      'unauthorizedCacheControlHeaderStrategy',
    ].map((name) => [`caching/${name}`, () => refuseCaching()]),
  ),
}

function refuseCaching(): never {
  throw unsupported('caching of responses')
}

function limit(value: string): number {
  const number = Number(value)
  if (!value || !(number >= 0)) throw badRequest(`Invalid throttling limit specified: ${value}`)
  return number
}

/** `/test/GET/throttling/rateLimit` changes the entry `test/GET`; removing an entry's own path drops it whole. */
export function changeMethodSetting(settings: Record<string, MethodSetting>, step: PatchStep): void {
  const { op, key, value } = step
  if (op === 'remove') {
    const name = withoutSlash(key)
    if (!Object.hasOwn(settings, name)) {
      throw badRequest(
        `Cannot remove method setting ${name} because there is no method setting for this method `,
      )
    }
    delete settings[name]
    return
  }
  const [, method, setting = ''] = /^(.+\/(?:[A-Z]+|\*))\/(\w+\/\w+)$/.exec(key) ?? []
  const make = Object.hasOwn(SETTINGS, setting) ? SETTINGS[setting] : undefined
  if (!method || !make) throw badRequest(`Invalid method setting path: /${key}. Must be one of: [${PATHS}]`)
  const name = withoutSlash(method)
  settings[name] = { ...DEFAULTS, ...settings[name], ...make(value) }
}

// AWS: the resource is named without its first slash.
const withoutSlash = (name: string) => name.replace(/^\//, '')

// AWS: its own list, commas and all.
const METHOD = '/{resourcePath}/{httpMethod}'
const PATHS = [
  '/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, ',
  '/accessLogSettings/destinationArn, /accessLogSettings/format, ',
  `${METHOD}/metrics/enabled, ${METHOD}/logging/dataTrace, ${METHOD}/logging/loglevel, `,
  `${METHOD}/throttling/burstLimit${METHOD}/throttling/rateLimit${METHOD}/caching/ttlInSeconds, `,
  `${METHOD}/caching/enabled, ${METHOD}/caching/dataEncrypted, ${METHOD}/caching/requireAuthorizationForCacheControl, `,
  `${METHOD}/caching/unauthorizedCacheControlHeaderStrategy, `,
  '/*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit ',
  '/*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, ',
  '/*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, ',
  '/variables/{variable_name}, /tracingEnabled',
].join('')

/** What holds for a method: its own settings, else those of all methods. */
export function settingOf(
  settings: Readonly<Record<string, MethodSetting>>,
  resourcePath: string,
  httpMethod: string,
): MethodSetting | undefined {
  return settings[`${withoutSlash(resourcePath)}/${httpMethod}`] ?? settings['*/*']
}
