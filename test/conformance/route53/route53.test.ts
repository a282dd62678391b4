// The conformance suite of Route 53.
import { runSuite } from '../run.js'
import { route53Suite } from './suite.js'

runSuite(route53Suite)
