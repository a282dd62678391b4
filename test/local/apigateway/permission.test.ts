// The IAM action and resource that each call asks for.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { permissionsOf } from '../../../src/local/apigateway/permission.js'

const call = { region: 'eu-west-1', principal: { arn: 'x' }, operation: 'x', requestId: 'x' }
const api = { restApiId: 'abc' }
const method = { ...api, resourceId: 'r', httpMethod: 'GET' }

const want = (action: string, path: string) => ({
  action: `apigateway:${action}`,
  resource: `arn:aws:apigateway:eu-west-1::${path}`,
})

describe('permissions', () => {
  const CASES: [string, Record<string, unknown>, string, string][] = [
    ['GetAccount', {}, 'GET', '/account'],
    ['CreateRestApi', {}, 'POST', '/restapis'],
    ['GetRestApis', {}, 'GET', '/restapis'],
    ['PutRestApi', api, 'PUT', '/restapis/abc'],
    ['DeleteRestApi', api, 'DELETE', '/restapis/abc'],
    ['GetResources', api, 'GET', '/restapis/abc/resources'],
    ['CreateResource', { ...api, parentId: 'p' }, 'POST', '/restapis/abc/resources/p'],
    ['DeleteMethod', method, 'DELETE', '/restapis/abc/resources/r/methods/GET'],
    ['UpdateIntegration', method, 'PATCH', '/restapis/abc/resources/r/methods/GET/integration'],
    ['CreateDeployment', { ...api, stageName: 'dev' }, 'POST', '/restapis/abc/deployments'],
    ['UpdateStage', { ...api, stageName: 'dev' }, 'PATCH', '/restapis/abc/stages/dev'],
    ['CreateDomainName', { domainName: 'a.b' }, 'POST', '/domainnames'],
    ['GetDomainName', { domainName: 'a.b' }, 'GET', '/domainnames/a.b'],
    [
      'CreateBasePathMapping',
      { domainName: 'a.b', basePath: '' },
      'POST',
      '/domainnames/a.b/basepathmappings',
    ],
    [
      'DeleteBasePathMapping',
      { domainName: 'a.b', basePath: '(none)' },
      'DELETE',
      '/domainnames/a.b/basepathmappings/(none)',
    ],
    [
      'TagResource',
      { resourceArn: 'arn:aws:apigateway:x::/restapis/abc' },
      'PUT',
      '/tags/arn%3Aaws%3Aapigateway%3Ax%3A%3A%2Frestapis%2Fabc',
    ],
  ]
  for (const [operation, input, action, path] of CASES) {
    it(operation, () => {
      const [first] = permissionsOf(operation, input, call)
      assert.deepEqual(first, want(action, path))
    })
  }

  const MORE: [string, Record<string, unknown>, ReturnType<typeof want>[]][] = [
    ['GetDomainName', { domainName: 'a.b' }, []],
    ['CreateDomainName', { domainName: 'a.b' }, [want('AddCertificateToDomain', '/domainnames')]],
    ['DeleteDomainName', { domainName: 'a.b' }, [want('RemoveCertificateFromDomain', '/domainnames/a.b')]],
    ['UpdateDomainName', { domainName: 'a.b', patchOperations: [{ path: '/securityPolicy' }] }, []],
    ['CreateRestApi', { policy: '{}' }, [want('UpdateRestApiPolicy', '/restapis')]],
    ['UpdateRestApi', { ...api, patchOperations: [{ path: '/name' }] }, []],
    [
      'PutRestApi',
      { ...api, body: Buffer.from('{"x-amazon-apigateway-policy":{}}') },
      [want('UpdateRestApiPolicy', '/restapis/abc')],
    ],
    [
      'UpdateDomainName',
      { domainName: 'a.b', patchOperations: [{ path: '/regionalCertificateArn' }] },
      [
        want('AddCertificateToDomain', '/domainnames/a.b'),
        want('RemoveCertificateFromDomain', '/domainnames/a.b'),
      ],
    ],
    [
      'TagResource',
      { resourceArn: 'arn:aws:apigateway:eu-west-1::/restapis/abc' },
      [want('PATCH', '/restapis/abc')],
    ],
  ]
  for (const [operation, input, more] of MORE) {
    it(`${operation}, besides: ${more.map(({ action }) => action).join(', ') || 'nothing'}`, () => {
      assert.deepEqual(permissionsOf(operation, input, call).slice(1), more)
    })
  }

  it('tags in a create are a PUT on the tags of all that is below, with their condition keys', () => {
    const context = { 'aws:RequestTag/team': 'red', 'aws:TagKeys': ['team'] }
    assert.deepEqual(permissionsOf('CreateRestApi', { tags: { team: 'red' } }, call), [
      { ...want('POST', '/restapis'), context },
      { ...want('PUT', '/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2F*'), context },
    ])
  })
})
