/** An attempt to authorize, for people. */
import type { Attempt } from '@mooring/sdk'
import { type Output, plain } from '../output.ts'
import { mark } from '../words.ts'

export const stepLine = ({ step, ok, detail }: Attempt['steps'][number], style: Output['style']): string =>
  `${mark(ok, style)} ${plain(step)}${detail === '' ? '' : `: ${plain(detail)}`}`

export function printAttempt(output: Output, attempt: Attempt): void {
  for (const step of attempt.steps) output.print(stepLine(step, output.style))
  if (attempt.diagnosis === null) {
    output.print(attempt.state)
    return
  }
  for (const line of diagnosisLines(attempt.diagnosis)) output.print(line)
}

/** What went wrong: title, detail, and the fix where one is known. */
export function diagnosisLines({ title, detail, hint }: NonNullable<Attempt['diagnosis']>): string[] {
  return [plain(title), plain(detail), ...(hint === null ? [] : [`Fix: ${plain(hint)}`])]
}
