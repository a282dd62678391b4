// CloudWatch Logs: what the tool makes for its functions, and what `aws logs tail` and its kin read.
import type { ServiceSuite } from '../suite.js'
import { logEventOperations } from './log-event-suite.js'
import { logGroupOperations } from './log-group-suite.js'

export const logsSuite: ServiceSuite = {
  service: 'logs',
  operations: { ...logGroupOperations, ...logEventOperations },
  states: [
    'A new log group is listed 0.5-2 s after CreateLogGroup; by its name it is there at once.',
    'An event can be read 1-5 s after it was written.',
  ],
  differences: [
    'The newest 10,000 events or 16 MB of a group are kept, and its newest 1,000 streams.',
    'storedBytes is always 0; lastEventTimestamp of a stream is right at once, where AWS may take an hour.',
    'Filter patterns are plain terms: no JSON or space-delimited fields, no regular expressions.',
    'No encryption keys, deletion protection, other classes of groups, metric filters, subscriptions, Logs Insights, live tail.',
    'Calls have no rate limits.',
    'Two changes of one group in the same 10 ms are aborted; how long AWS’s window is, is not known.',
    'The times of states are estimates.',
  ],
}
