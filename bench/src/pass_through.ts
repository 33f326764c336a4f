/** The reference: bare `node:http` and `undici.dispatch`, one header set, nothing else. Ends with its parent. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, type Dispatcher } from 'undici'

const [upstream = ''] = process.argv.slice(2)
const agent = new Agent({ connections: 128, pipelining: 1 })

const server = createServer((request, response) => {
  const { host: _, ...headers } = request.headers
  headers['x-api-key'] = 'a key that only the server knows'
  let controller: Dispatcher.DispatchController | undefined
  response.on('drain', () => controller?.resume())
  agent.dispatch(
    {
      origin: upstream,
      path: request.url ?? '/',
      // Undici's type lists the common methods; Node's parser has checked this one.
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body: null,
    },
    {
      onRequestStart(started) {
        controller = started
      },
      onResponseStart(_, status, answered) {
        response.writeHead(status, answered)
      },
      onResponseData(_, chunk) {
        if (!response.write(chunk)) controller?.pause()
      },
      onResponseEnd() {
        response.end()
      },
      onResponseError() {
        response.destroy()
      },
    },
  )
})

process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ port })
})
