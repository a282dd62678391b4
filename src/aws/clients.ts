// The SDK's clients, made once per service and region, with what every call shares: pacing, a note of what failed, an
// event, and no second try for calls that are not idempotent. Steps get them through `context.ts`.
import { ACMClient } from '@aws-sdk/client-acm'
import { APIGatewayClient } from '@aws-sdk/client-api-gateway'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { IAMClient } from '@aws-sdk/client-iam'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { Route53Client } from '@aws-sdk/client-route-53'
import { STSClient } from '@aws-sdk/client-sts'
import type {
  FinalizeRequestMiddleware,
  HandlerExecutionContext,
  HttpHandlerOptions,
  HttpRequest,
  HttpResponse,
  InitializeMiddleware,
  Pluggable,
  RequestHandler,
  RequestSigner,
} from '@smithy/types'
import type { Clock } from '../base/clock.js'
import { MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import { machine, type World } from '../base/world.js'
import type { Clients } from './context.js'
import { isUnavailable, LostAnswerError, noteCall } from './errors.js'
import { pacer } from './pace.js'
import { isSilent, MAX_ATTEMPTS, retriesOn } from './retry.js'
import { impatient, listening, unlessCut } from './silence.js'

export interface ClientOptions {
  /** One endpoint for all services; unset means the SDK's own resolution, `AWS_ENDPOINT_URL*` included. */
  readonly endpoint?: string
  /** Unset means the SDK's own chain: environment, profile, SSO, web identity. */
  readonly credentials?: { accessKeyId: string; secretAccessKey: string }
  readonly clock: Clock
  readonly emit: Emit
  /** Asked before every call that may change something, such as `lambda:CreateFunction`; rejects where it must not leave. */
  readonly mayChange?: (call: string) => Promise<void>
  /** Asked at each call: once it aborts, the call is left alone with its reason, and nothing leaves any more. */
  readonly cut?: (call: string) => AbortSignal | undefined
  /** For the waits between tries; the machine's by default. */
  readonly world?: Pick<World, 'random' | 'date'>
  /** In place of the SDK's own: a simulation carries requests by calls. */
  readonly parts?: SdkParts
}

export interface SdkParts {
  readonly requestHandler: RequestHandler<HttpRequest, HttpResponse, HttpHandlerOptions>
  /** Made for each request; it has the scope, and puts the headers of a signature on it. */
  readonly signerConstructor?: new (scope: {
    region: string
    service: string
  }) => RequestSigner
}

const SERVICES = {
  dynamodb: DynamoDBClient,
  lambda: LambdaClient,
  apigateway: APIGatewayClient,
  acm: ACMClient,
  logs: CloudWatchLogsClient,
  route53: Route53Client,
  iam: IAMClient,
  sts: STSClient,
}
type Service = keyof typeof SERVICES
const HTTPS = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true }
const GLOBAL: ReadonlySet<Service> = new Set(['route53', 'iam'])

// AWS: none of them takes a token, so a second try after a lost answer would make a second one.
const NOT_IDEMPOTENT = new Set([
  'apigateway:CreateRestApi',
  'apigateway:CreateDeployment',
  'route53:CreateTrafficPolicy',
  'route53:CreateTrafficPolicyVersion',
])

/** Clients of any region, made when first used; those of `once` send nothing a second time. */
export type ClientsOf = (region: string, once?: boolean) => Clients

export function clientsFor(options: ClientOptions): ClientsOf {
  const pace = pacer(options.clock)
  const listen = listening(options.clock, options.emit)
  const made = new Map<string, unknown>()
  const places = new Set<string>()
  const client = (service: Service, region: string, attempts: number) => {
    const scope = GLOBAL.has(service) ? 'us-east-1' : region
    const key = `${service} ${scope} ${attempts}`
    if (!made.has(key)) made.set(key, make(service, scope, attempts))
    return made.get(key)
  }

  function make(service: Service, region: string, attempts: number) {
    const one = new SERVICES[service]({
      region,
      endpoint: options.endpoint,
      credentials: options.credentials,
      // Nothing is added to a client's stack after it is made.
      cacheMiddleware: true,
      maxAttempts: attempts,
      retryStrategy: retriesOn({ ...(options.world ?? machine), clock: options.clock }, attempts, {
        places,
        service,
        region,
      }),
      // The SDK's own types of a handler differ by service in their settings, which ours has none of.
      ...((options.parts ?? { requestHandler: HTTPS }) as object),
    })
    // The stacks of different clients differ in type only; this middleware looks at no input and no output.
    one.middlewareStack.use(shared(service, region) as never)
    return one
  }

  function shared(service: Service, region: string): Pluggable<object, object> {
    return {
      applyToStack(stack) {
        stack.add(reported(service, region), {
          step: 'initialize',
          name: 'multiregionReport',
          priority: 'high',
        })
        stack.addRelativeTo(paced(service, region), {
          relation: 'after',
          toMiddleware: 'retryMiddleware',
          name: 'multiregionPace',
        })
      },
    }
  }

  /** Once per call, retries included: tells what it was, how long it took and how it ended. */
  function reported(service: Service, region: string): InitializeMiddleware<object, object> {
    return (next, context) => async (args) => {
      const operation = operationOf(context)
      const started = performance.now()
      const report = (from: unknown, error?: string) => {
        const ms = Math.round(performance.now() - started)
        const mutating = isMutating(operation)
        const attempts = attemptsOf(from)
        options.emit({
          type: 'aws.call',
          service,
          operation,
          region,
          mutating,
          ms,
          attempts,
          ...(error && { error }),
        })
      }
      try {
        const result = await unlessCut(next(args), options.cut?.(`${service}:${operation}`))
        report(result.output)
        return result
      } catch (error) {
        if (!(error instanceof MultiregionError)) noteCall(error, service, operation, region)
        report(error, error instanceof Error ? error.name : String(error))
        throw error
      }
    }
  }

  /** Once per attempt: waits for its turn, and keeps the retry away from what must not be sent twice. */
  function paced(service: Service, region: string): FinalizeRequestMiddleware<object, object> {
    return (next, context) => async (args) => {
      const operation = operationOf(context)
      const call = `${service}:${operation}`
      await pace(service, operation, region)
      if (isMutating(operation)) await options.mayChange?.(call)
      options.cut?.(call)?.throwIfAborted()
      try {
        const attempt = listen(call, region, next(args))
        const isHurried = !isMutating(operation) && isSilent({ places, service, region })
        return await (isHurried ? impatient(attempt, options.clock) : attempt)
      } catch (error) {
        const once = NOT_IDEMPOTENT.has(call)
        throw once && error instanceof Error && isUnavailable(error) ? new LostAnswerError(error) : error
      }
    }
  }

  return (region, once = false) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        (Object.keys(SERVICES) as Service[]).map((service) => [
          service,
          { enumerable: true, get: () => client(service, region, once ? 1 : MAX_ATTEMPTS) },
        ]),
      ),
    ) as Clients
}

/** AWS names its reads so; everything else may change something. */
export const isMutating = (operation: string) =>
  !/^(Get|List|Describe|Test|Query|Scan|BatchGet)/.test(operation)

const operationOf = (context: HandlerExecutionContext) => String(context.commandName).replace(/Command$/, '')
const attemptsOf = (from: unknown) =>
  (from as { $metadata?: { attempts?: number } } | undefined)?.$metadata?.attempts ?? 1
