/** Asking a person on the terminal. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

interface AskOptions {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  /** Shows nothing of what is typed. */
  secret: boolean
}

/** Ctrl-C or the end of the input, in place of an answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

export function ask(question: string, { input, output, secret }: AskOptions): Promise<string> {
  output.write(question)
  // The terminal's own echo is off while readline reads; what readline would echo goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: secret ? nowhere : output, terminal: true, prompt: '' })
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      output.write('\n')
      reject(new NoAnswer('Nothing was entered.'))
    }
    const entered: string[] = []
    const onLine = (line: string): void => {
      entered.push(line)
      // A key is pasted as several lines and ends where it says so.
      if (entered[0]?.startsWith('-----BEGIN ') === true && !line.startsWith('-----END ')) return
      // Only this listener: readline's own lets go of the keyboard, without which it would go on echoing.
      lines.off('close', giveUp).off('line', onLine)
      lines.close()
      if (secret) output.write('\n')
      resolve(entered.join('\n'))
    }
    lines.on('line', onLine)
    lines.once('SIGINT', () => lines.close())
    lines.once('close', giveUp)
  })
}
