// Lambda, as far as the tool asks it: functions without versions, their policies and tags, and invocations.
import type { ServiceSuite } from '../suite.js'
import { accountOperations } from './account-suite.js'
import { functionOperations } from './function-suite.js'
import { invokeOperations } from './invoke-suite.js'
import { permissionOperations } from './permission-suite.js'
import { updateOperations } from './update-suite.js'

export const lambdaSuite: ServiceSuite = {
  service: 'lambda',
  operations: {
    ...functionOperations,
    ...updateOperations,
    ...accountOperations,
    ...permissionOperations,
    ...invokeOperations,
  },
  states: [
    'Function Pending for 1-5 s after CreateFunction: it can be read, tagged and deleted, nothing else.',
    'LastUpdateStatus InProgress for 1-5 s after an update; invocations run what was live before.',
    'Role not assumable for 5-15 s after CreateRole; its policies in effect 2-8 s after a change.',
    'Event: kept before the answer, tried again after 60 and 120 s, while throttled ever later, for at most 6 h.',
  ],
  differences: [
    'Functions run on this machine’s Node.js and processor, whatever runtime and architecture they name: nodejs22.x and nodejs24.x only.',
    'No versions, aliases, layers, VPC, container images, code in S3, function URLs, destinations, dead letter queues, KMS keys, SnapStart, JSON logs.',
    'Code.Location of GetFunction is a file URL of the zip, not a presigned URL of S3.',
    'A region has 1,000 concurrent executions, never the 10 or 50 of a new account.',
    'At most 64 processes run at once; beyond that, invocations wait where AWS would scale out.',
    'The rate at which a function may scale out (1,000 environments each 10 s) and the burst of invocations are not limited.',
    'The AWS SDK that Lambda’s runtimes bring is not there: a zip has to contain what it imports.',
    '/tmp is shared by all functions and survives them; idle processes are not frozen.',
    'CPU does not follow MemorySize: a function with 128 MB is as fast as one with 10 GB.',
    'The logs: permissions of a role are not checked, and Lambda never makes a log group.',
    'Of two AddPermission at once the later one loses the other’s statement or is refused, by even chance; AWS’s odds are unknown.',
    'That AddPermission and PutFunctionConcurrency are refused while Pending is documented in general, not confirmed for each.',
    'An event that is running when the daemon is killed runs again, as AWS delivers at least once.',
  ],
}
