// The errors that API Gateway's control plane answers, by name. Their texts belong to the operations that throw them;
// what the data plane answers to a caller of an API is in `gateway-response.ts`.
import { AwsError } from '../wire/errors.js'

export const badRequest = (message: string) => new AwsError('BadRequestException', message, 400)
export const notFound = (message: string) => new AwsError('NotFoundException', message, 404)
export const conflict = (message: string) => new AwsError('ConflictException', message, 409)

/** AWS: known in these words for the resources of an API; unconfirmed for the rest. */
export const limitExceeded = (what: string, holder: string) =>
  new AwsError(
    'LimitExceededException',
    `Maximum number of ${what} for this ${holder} has been reached.  Please contact AWS if you need additional ${what}.`,
    429,
  )

/** For what AWS has and this model has not: refused, so that nobody takes it for done. */
export const unsupported = (what: string) => badRequest(`The local cloud does not support ${what}.`)

// AWS: an unknown API is named with the account, as in `Invalid API identifier specified 111111111111:abcde0`.
export const noSuchApi = (account: string, restApiId: string | undefined) =>
  notFound(`Invalid API identifier specified ${account}:${restApiId}`)
export const noSuchResource = () => notFound('Invalid Resource identifier specified')
export const noSuchMethod = () => notFound('Invalid Method identifier specified')
export const noSuchIntegration = () => notFound('Invalid Integration identifier specified')
export const noSuchResponse = () => notFound('Invalid Response status code specified')
export const noSuchStage = () => notFound('Invalid stage identifier specified')
export const noSuchDeployment = () => notFound('Invalid Deployment identifier specified')
export const noSuchDomain = () => notFound('Invalid domain name identifier specified')
export const noSuchMapping = () => notFound('Invalid base path mapping identifier specified')
