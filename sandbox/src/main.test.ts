import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startSandbox } from './index.ts'

const entry = fileURLToPath(new URL('main.ts', import.meta.url))

describe('the runnable sandbox', () => {
  test('reports its URL and services to its parent, prints nothing, and ends with it', async () => {
    const child = fork(entry, ['--port', '0'], { silent: true })
    let printed = ''
    child.stdout?.on('data', (chunk) => (printed += String(chunk)))
    child.stderr?.on('data', (chunk) => (printed += String(chunk)))
    const [message] = await once(child, 'message')
    expect(message).toMatchObject({ type: 'ready', url: expect.stringMatching(/^http:\/\/localhost:\d+$/) })
    expect(message.services).toHaveLength(12)
    const page = await fetch(`${message.url}/api/open/echo`)
    expect(page.status).toBe(200)
    child.disconnect()
    const [code] = await once(child, 'exit')
    expect({ code, printed }).toEqual({ code: 0, printed: '' })
  })

  test('tells a person what is there, and stops on SIGTERM', async () => {
    const child = spawn(process.execPath, [entry, '--port', '0'])
    const [text] = await once(child.stdout, 'data')
    expect(String(text)).toMatch(/The sandbox is at http:\/\/localhost:\d+\n/)
    expect(String(text)).toContain('sandbox_oauth1')
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  })

  test('explains a wrong option', async () => {
    const child = spawn(process.execPath, [entry, '--port', 'eighty'])
    const [text] = await once(child.stderr, 'data')
    expect(String(text)).toContain('--port takes a whole number from 0')
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
  })

  test('says in one line that a port is taken', async () => {
    const first = await startSandbox()
    try {
      const child = spawn(process.execPath, [entry, '--port', String(first.port)])
      const [text] = await once(child.stderr, 'data')
      expect(String(text)).toMatch(/^listen EADDRINUSE.*\n$/)
      const [code] = await once(child, 'exit')
      expect(code).toBe(1)
    } finally {
      await first.close()
    }
  })
})
