import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ask, NoAnswer } from './ask.ts'

function terminal(): { input: PassThrough; output: PassThrough; shown: () => string } {
  const output = new PassThrough()
  const pieces: string[] = []
  output.on('data', (piece: Buffer) => pieces.push(piece.toString()))
  return { input: new PassThrough(), output, shown: () => pieces.join('') }
}

describe('ask', () => {
  test('shows nothing of a secret', async () => {
    const { input, output, shown } = terminal()
    const answer = ask('Token: ', { input, output, secret: true })
    input.write('s3cret\r')
    expect(await answer).toBe('s3cret')
    expect(shown()).toBe('Token: \n')
  })

  test('shows what is typed where it is no secret', async () => {
    const { input, output, shown } = terminal()
    const answer = ask('Name: ', { input, output, secret: false })
    input.write('ada\r')
    expect(await answer).toBe('ada')
    expect(shown()).toContain('ada')
  })

  test('shows nothing of a secret after a question that showed its answer', async () => {
    const { input, output, shown } = terminal()
    const first = ask('Name: ', { input, output, secret: false })
    input.write('ada\r')
    expect(await first).toBe('ada')
    const second = ask('Token: ', { input, output, secret: true })
    input.write('s3cret\r')
    expect(await second).toBe('s3cret')
    expect(shown()).toMatch(/ada[^]*Token: \n$/)
  })

  test('takes a key that is pasted as several lines whole, and nothing else as more than one', async () => {
    const { input, output, shown } = terminal()
    const pem = ['-----BEGIN PRIVATE KEY-----', 'MC4CAQAw', '-----END PRIVATE KEY-----']
    const key = ask('Key: ', { input, output, secret: true })
    input.write(`${pem.join('\r')}\r`)
    expect(await key).toBe(pem.join('\n'))
    const token = ask('Token: ', { input, output, secret: true })
    input.write('s3cret\rmore\r')
    expect(await token).toBe('s3cret')
    expect(shown()).toBe('Key: \nToken: \n')
  })

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s is no answer', async (_, key) => {
    const { input, output } = terminal()
    const answer = ask('Token: ', { input, output, secret: true })
    input.write(key)
    await expect(answer).rejects.toThrow(NoAnswer)
  })
})
