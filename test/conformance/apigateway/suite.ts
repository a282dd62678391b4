// API Gateway: REST APIs with regional endpoints, and their custom domains.
import type { ServiceSuite } from '../suite.js'
import { basePathMappingCases } from './base-path-mapping.js'
import { deploymentCases } from './deployment.js'
import { domainNameCases } from './domain-name.js'
import { importCases } from './import.js'
import { integrationCases } from './integration.js'
import { methodCases } from './method.js'
import { resourceCases } from './resource.js'
import { restApiCases } from './rest-api.js'
import { stageCases } from './stage.js'
import { tagCases } from './tag.js'

export const apigatewaySuite: ServiceSuite = {
  service: 'apigateway',
  operations: {
    ...restApiCases,
    ...importCases,
    ...resourceCases,
    ...methodCases,
    ...integrationCases,
    ...deploymentCases,
    ...stageCases,
    ...domainNameCases,
    ...basePathMappingCases,
    ...tagCases,
  },
  states: [
    'listings of APIs and domains lag by 1–4 s',
    'a stage answers as it says 1–10 s after each change of it, and takes over disableExecuteApiEndpoint only then',
    'a new domain is PENDING for 1–60 s, a changed one UPDATING for 5 s to 15 min',
    'a base path mapping is refused for up to 30 s after its domain or its stage was made',
  ],
  differences: [
    'REST APIs with regional endpoints only: an EDGE (the default) or PRIVATE endpoint, and all of API Gateway v2, are refused.',
    'Documents are OpenAPI 3.0 in JSON; Swagger 2.0 and YAML are refused.',
    'Methods have no authorization, API keys, validators or authorizers; integrations are Lambda proxies and mocks whose templates hold no Velocity; all others are refused.',
    'Refused, too: caching, canaries, X-Ray, access logs, compression, usage plans, gateway responses, documentation, client certificates, VPC links, response streaming, mutual TLS, routing rules and private domains.',
    'Only the TLS policies TLS_1_0 and TLS_1_2: the enhanced ones are refused even with an endpointAccessMode, and a domain of TLS_1_0 offers TLS 1.2 and 1.3 like any other.',
    'Calls are answered at once; AWS takes 0.5–3 s to make, fill and deploy an API.',
    'PutRestApi changes all or nothing; on AWS a put that fails half-way may leave half of the document.',
    'Concurrent changes of one API never answer ConflictException (`Unable to complete operation due to concurrent modification`).',
    'The status PENDING of a new regional domain is what the model allows; AWS may say UPDATING or AVAILABLE there.',
    'DeleteDomainName drops the mappings of the domain: unconfirmed for AWS.',
    'Resource policies know Principal *, execute-api:Invoke and resources, no conditions; every caller is anonymous.',
    'The account’s own throttle of 10,000 requests a second is shown and not enforced; stage and method throttles are.',
    'Headers beyond 10,240 bytes are answered with 431 and no body: the status is unconfirmed.',
    'Metrics and execution logs are not written, whatever the settings of a stage say.',
    'The words of LimitExceededException (but for resources), of tag refusals, of a domain that is UPDATING and of certificates that do not exist or do not fit are unconfirmed.',
  ],
}
