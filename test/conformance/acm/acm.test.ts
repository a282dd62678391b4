// The conformance suite of ACM.
import { runSuite } from '../run.js'
import { acmSuite } from './suite.js'

runSuite(acmSuite)
