// Which calls belong to a service's data plane; all others are its control plane. AWS runs them apart: one may fail while
// the other works. `rule.ts` lets faults name a plane.

export type Plane = 'control' | 'data'

const DATA: Readonly<Record<string, readonly string[] | 'all'>> = {
  dynamodb: [
    ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan'],
    ...['BatchGetItem', 'BatchWriteItem', 'TransactGetItems', 'TransactWriteItems'],
  ],
  lambda: ['Invoke', 'InvokeAsync', 'InvokeWithResponseStream'],
  logs: ['PutLogEvents', 'GetLogEvents', 'FilterLogEvents'],
  sts: 'all',
  'execute-api': 'all',
}

export function planeOf(service: string, operation: string): Plane {
  const data = DATA[service]
  return data === 'all' || data?.includes(operation) ? 'data' : 'control'
}
