// An exchange whose answers a test gives, and which keeps what was sent. Tests only.
import type { ClientCertificate, Exchange } from './scheme.ts'

export interface Sent {
  url: string
  method: string
  headers: Record<string, string>
  body: string | null
  certificate?: ClientCertificate
}

/** Answers in turn, the last one for ever. The time stands still at `now`. */
export function answering(now: number, ...answers: (() => Response)[]): { exchange: Exchange; sent: Sent[] } {
  const sent: Sent[] = []
  return {
    sent,
    exchange: {
      now: () => now,
      random: (bytes) => 'r'.repeat(bytes),
      async fetch(url, init) {
        sent.push({ ...init, url: url.href })
        const answer = answers[Math.min(sent.length, answers.length) - 1]
        if (answer === undefined) throw new Error('nobody asked for this request')
        return answer()
      },
    },
  }
}
