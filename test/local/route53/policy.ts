// A traffic policy like the one that the tool makes: CNAME, nearest region first, each with its health check.

export const IE_HOST = 'd-ie.execute-api.eu-west-1.amazonaws.com'
export const US_HOST = 'd-us.execute-api.us-east-1.amazonaws.com'

/** The document's text. `checks` are the health checks of Ireland and Virginia. */
export function latencyPolicy(
  checks: { ie?: string; us?: string } = {},
  hosts = { ie: IE_HOST, us: US_HOST },
): string {
  const entry = (EndpointReference: 'ie' | 'us', Region: string) => ({
    EndpointReference,
    Region,
    ...(checks[EndpointReference] && { HealthCheck: checks[EndpointReference] }),
  })
  return JSON.stringify({
    AWSPolicyFormatVersion: '2015-10-01',
    RecordType: 'CNAME',
    StartRule: 'near',
    Endpoints: { ie: { Type: 'value', Value: hosts.ie }, us: { Type: 'value', Value: hosts.us } },
    Rules: { near: { RuleType: 'latency', Regions: [entry('ie', 'eu-west-1'), entry('us', 'us-east-1')] } },
  })
}
