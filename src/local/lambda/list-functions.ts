// ListFunctions and GetAccountSettings: what there is in a region, and what the account may have.
import type {
  FunctionConfiguration,
  GetAccountSettingsCommandInput,
  GetAccountSettingsCommandOutput,
  ListFunctionsCommandInput,
  ListFunctionsCommandOutput,
} from '@aws-sdk/client-lambda'
import type { Call } from '../ports.js'
import { MAX_UNZIPPED_BYTES, MAX_ZIPPED_BYTES } from './code-store.js'
import { type FunctionRecord, settingsOf } from './function.js'
import { ACCOUNT_CONCURRENCY } from './host.js'
import { invalid, unsupported } from './input.js'
import { functionsIn, type LambdaState, reservedIn } from './state.js'

// AWS: a page of ListFunctions, however many are asked for.
const MAX_PAGE = 50
// AWS: storage of code in one region, 75 GB.
const TOTAL_CODE_BYTES = 80_530_636_800

type Listed = Omit<ListFunctionsCommandOutput, '$metadata'>
type AccountSettings = Omit<GetAccountSettingsCommandOutput, '$metadata'>

/** The operations on a whole region. */
export function regionOperations(state: LambdaState) {
  return {
    ListFunctions: (input: ListFunctionsCommandInput, call: Call) => list(state, input, call),

    GetAccountSettings(_input: GetAccountSettingsCommandInput, call: Call): AccountSettings {
      const functions = functionsIn(state, call.region)
      return {
        AccountLimit: {
          TotalCodeSize: TOTAL_CODE_BYTES,
          CodeSizeUnzipped: MAX_UNZIPPED_BYTES,
          CodeSizeZipped: MAX_ZIPPED_BYTES,
          ConcurrentExecutions: ACCOUNT_CONCURRENCY,
          UnreservedConcurrentExecutions: ACCOUNT_CONCURRENCY - reservedIn(state, call.region),
        },
        AccountUsage: {
          TotalCodeSize: functions.reduce((sum, { settings }) => sum + settings.codeBytes, 0),
          FunctionCount: functions.length,
        },
      }
    },
  }
}

function list(state: LambdaState, input: ListFunctionsCommandInput, call: Call): Listed {
  const { FunctionVersion: version, Marker: marker } = input
  if (input.MasterRegion !== undefined && input.MasterRegion !== 'ALL') throw unsupported('MasterRegion')
  const functions = functionsIn(state, call.region)
  const after = marker === undefined ? '' : Buffer.from(marker, 'base64url').toString()
  if (marker !== undefined && !/^[a-zA-Z0-9-_]+$/.test(after)) throw invalid('Invalid Marker.')
  const left = functions.filter(({ name }) => name > after)
  const page = left.slice(0, Math.min(input.MaxItems ?? MAX_PAGE, MAX_PAGE))
  const last = page.at(-1)?.name
  const now = state.world.clock.now()
  return {
    Functions: page.map((fn) => (version ? qualified(fn, now) : settingsOf(fn, now))),
    ...(last && left.length > page.length && { NextMarker: Buffer.from(last).toString('base64url') }),
  }
}

/** AWS: with FunctionVersion ALL the ARNs name the version. */
const qualified = (fn: FunctionRecord, now: number): FunctionConfiguration => ({
  ...settingsOf(fn, now),
  FunctionArn: `${fn.arn}:$LATEST`,
})
