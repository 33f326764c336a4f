/** The reference of an answer that needs no work: Fastify, one route, the same JSON each time. Ends with its parent. */
import Fastify from 'fastify'

const [bytes = '0'] = process.argv.slice(2)
const empty = JSON.stringify({ value: '' }).length
const answer = { value: 'x'.repeat(Math.max(0, Number(bytes) - empty)) }

const app = Fastify()
app.get('/constant', () => answer)
process.on('disconnect', () => process.exit(0))
const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
process.send?.({ port: Number(url.port) })
