// The SDK's clients of simulated processes. Making them costs as much as a dozen calls, so ended processes leave theirs to
// later ones: what they are given of a process (its clock, its world, its way to the cloud) is asked of the one that has
// them now. Requests carry a scope and no signature; the house's own tests and the local cloud's prove signatures.
import type { HttpHandlerOptions, HttpRequest, HttpResponse, RequestHandler } from '@smithy/types'
import { clientsFor, type SdkParts } from '../../src/aws/clients.js'
import type { Clients } from '../../src/aws/context.js'
import type { Emit } from '../../src/base/events.js'
import type { World } from '../../src/base/world.js'

/** What the clients ask of the process that has them. */
export interface Holder {
  readonly world: World
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly emit: Emit
  readonly handle: RequestHandler<HttpRequest, HttpResponse, HttpHandlerOptions>['handle']
  mayChange(call: string): Promise<void>
  cut(call: string): AbortSignal | undefined
}

interface Lent {
  readonly clients: (region: string) => Clients
  take(holder: Holder): void
}

/** By access key: what is signed with is a client's own. */
const free = new Map<string, Lent[]>()

/** Clients that nobody else has until `giveBack`. */
export function borrow(holder: Holder): { clients: (region: string) => Clients; giveBack(): void } {
  const idle = free.get(holder.credentials.accessKeyId) ?? []
  free.set(holder.credentials.accessKeyId, idle)
  const lent = idle.pop() ?? make(holder)
  lent.take(holder)
  return { clients: lent.clients, giveBack: () => void idle.push(lent) }
}

// More than any bucket of the pacer takes to fill: a new process has not been throttled by the one before.
const FAR_LATER_SECONDS = 1e6

function make(first: Holder): Lent {
  let now = first
  let later = 0
  const clients = clientsFor({
    clock: {
      scale: 1,
      now: () => now.world.clock.now() + later,
      sleep: (seconds, signal) => now.world.clock.sleep(seconds, signal),
    },
    world: { random: () => now.world.random(), date: () => now.world.date() },
    endpoint: 'http://cloud',
    credentials: first.credentials,
    emit: (event) => now.emit(event),
    mayChange: (call) => now.mayChange(call),
    cut: (call) => now.cut(call),
    parts: { ...UNSIGNED, requestHandler: { handle: (request, options) => now.handle(request, options) } },
  })
  return {
    clients,
    take(holder) {
      now = holder
      later += FAR_LATER_SECONDS
    },
  }
}

/** Who calls, and for which service and region, is all that the simulated front door looks at. */
export const UNSIGNED: Pick<Required<SdkParts>, 'signerConstructor'> = {
  signerConstructor: class {
    readonly #scope: string
    readonly #credentials: { accessKeyId: string }

    constructor(options: { region: string; service: string }) {
      const { region, service, credentials } = options as typeof options & { credentials: never }
      this.#scope = `${region}/${service}/aws4_request`
      this.#credentials = credentials
    }

    async sign(request: HttpRequest): Promise<HttpRequest> {
      const credentials: unknown = this.#credentials
      const { accessKeyId } = (typeof credentials === 'function' ? await credentials() : credentials) as {
        accessKeyId: string
      }
      const scope = `Credential=${accessKeyId}/20261101/${this.#scope}`
      request.headers.authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none`
      return request
    }
  },
}
