// The conformance suite of API Gateway.
import { runSuite } from '../run.js'
import { apigatewaySuite } from './suite.js'

runSuite(apigatewaySuite)
