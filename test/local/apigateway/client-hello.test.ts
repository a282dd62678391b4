// The server name in the first bytes of a connection: from real handshakes, from pieces of them, from nonsense.
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { serverNameOf } from '../../../src/local/apigateway/client-hello.js'

/** The first bytes that Node's own TLS sends. */
async function helloFor(servername: string | undefined): Promise<Buffer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const client = connect({ host: '127.0.0.1', port, ...(servername && { servername }) })
  client.on('error', () => {})
  const socket = await accepted
  const hello = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
  client.destroy()
  socket.destroy()
  server.close()
  return hello
}

describe('the client hello', () => {
  it('names the server, lower case', async () => {
    assert.deepEqual(serverNameOf(await helloFor('Api.Example.COM')), { name: 'api.example.com' })
  })

  it('may name none', async () => assert.equal(serverNameOf(await helloFor(undefined)), 'none'))

  it('is waited for until it is whole', async () => {
    const hello = await helloFor('api.example.com')
    for (let length = 0; length < hello.length; length += 1) {
      assert.equal(serverNameOf(hello.subarray(0, length)), 'more', `${length} bytes`)
    }
  })

  it('may come in several records', async () => {
    const hello = await helloFor('api.example.com')
    const payload = hello.subarray(5)
    const record = (part: Buffer) =>
      Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part])
    const split = Buffer.concat([record(payload.subarray(0, 9)), record(payload.subarray(9))])
    assert.deepEqual(serverNameOf(split), { name: 'api.example.com' })
  })

  it('is none where no TLS is spoken', () => {
    assert.equal(serverNameOf(Buffer.from('GET / HTTP/1.1\r\n')), 'none')
    assert.equal(serverNameOf(Buffer.alloc(70_000, 22)), 'none')
  })

  it('never throws, nor takes a name out of a broken hello that is none', async () => {
    const hello = await helloFor('api.example.com')
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, value) => {
        const broken = Buffer.from(hello)
        broken[at] = value
        const found = serverNameOf(broken)
        if (typeof found === 'object') assert.match(found.name, /^[\w.-]+$/)
      }),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void serverNameOf(Buffer.from(bytes))))
  })
})
