/** What is here of an answer's body and not written: all of it while the answer is held back, else what came with the head. */
import type { AnswerHead } from './answer.ts'
import { holds } from './expired.ts'
import { headerOf } from './headers.ts'

export class Beginning {
  /** Bytes. */
  size = 0
  #first: Buffer | undefined
  #others: Buffer[] | undefined

  /** Copies: the bytes belong to whoever read them. */
  add(bytes: Buffer): void {
    const copy = Buffer.from(bytes)
    this.size += copy.length
    if (this.#first === undefined) this.#first = copy
    else if (this.#others === undefined) this.#others = [copy]
    else this.#others.push(copy)
  }

  /** In one piece; undefined where nothing is here. */
  get bytes(): Buffer | undefined {
    if (this.#first === undefined || this.#others === undefined) return this.#first
    this.#first = Buffer.concat([this.#first, ...this.#others])
    this.#others = undefined
    return this.#first
  }

  clear(): void {
    this.size = 0
    this.#first = undefined
    this.#others = undefined
  }

  /** Whether one of the texts is in it. */
  says(texts: readonly string[], head: AnswerHead): boolean {
    const { bytes } = this
    return bytes !== undefined && holds(bytes, headerOf(head.headers, 'content-encoding'), texts)
  }
}
