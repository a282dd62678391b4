// Which method answers for a path: the cases that were measured on AWS.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApiResource } from '../../../src/local/apigateway/record.js'
import { createRouter } from '../../../src/local/apigateway/router.js'

/** Paths with their methods. */
const routerOf = (paths: Record<string, string[]>) =>
  createRouter(
    Object.entries(paths).map(
      ([path, methods]): ApiResource => ({
        id: path,
        path,
        methods: Object.fromEntries(methods.map((httpMethod) => [httpMethod, { httpMethod }])),
      }),
    ),
  )

describe('the router', () => {
  const router = routerOf({
    '/': ['GET'],
    '/item': ['POST'],
    '/item/{itemId}': ['GET'],
    '/item/special': ['GET'],
    '/item/{itemId}/parts/{part+}': ['ANY'],
    '/test': ['POST'],
    '/test/any': ['ANY'],
    '/a:b/c.d-e_f': ['GET'],
    '/{proxy+}': ['OPTIONS'],
  })
  const CASES: [string, string, string | undefined, Record<string, string> | null][] = [
    ['GET', '/', '/', null],
    ['POST', '/item', '/item', null],
    ['POST', '/item/', '/item', null],
    ['POST', '//item', '/item', null],
    ['GET', '/item/7', '/item/{itemId}', { itemId: '7' }],
    ['GET', '/item/7/', '/item/{itemId}', { itemId: '7' }],
    ['GET', '/item/special', '/item/special', null],
    ['GET', '/item/a%2Fb%zz', '/item/{itemId}', { itemId: 'a%2Fb%zz' }],
    ['GET', '/item/a#b', '/item/{itemId}', { itemId: 'a#b' }],
    ['GET', '/item/', undefined, null],
    ['GET', '/ITEM/7', undefined, null],
    ['DELETE', '/item/7/parts/a//b/', '/item/{itemId}/parts/{part+}', { itemId: '7', part: 'a//b' }],
    ['GET', '/item/7/parts/', undefined, null],
    ['OPTIONS', '/test', '/{proxy+}', { proxy: 'test' }],
    ['OPTIONS', '/test/any', '/test/any', null],
    ['GET', '/test/any', '/test/any', null],
    ['GET', '/test', undefined, null],
    ['OPTIONS', '/', undefined, null],
    [
      'OPTIONS',
      '/x/test%2Balias@gmail.com/test+alias',
      '/{proxy+}',
      { proxy: 'x/test%2Balias@gmail.com/test+alias' },
    ],
    ['GET', '/a:b/c.d-e_f', '/a:b/c.d-e_f', null],
    ['BREW', '/', undefined, null],
  ]
  for (const [method, path, resource, parameters] of CASES) {
    it(`${method} ${path} is ${resource ?? 'nowhere'}`, () => {
      const found = router(method, path)
      assert.equal(found?.resource.path, resource)
      if (found) assert.deepEqual(found.pathParameters, parameters)
    })
  }

  it('prefers a method of its own to ANY', () => {
    const both = routerOf({ '/x': ['ANY', 'GET'] })
    assert.equal(both('GET', '/x')!.method.httpMethod, 'GET')
    assert.equal(both('PUT', '/x')!.method.httpMethod, 'ANY')
  })
})
