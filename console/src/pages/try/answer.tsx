import type { Connection, Invocation, Service } from '@mooring/sdk'
import { Download } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Badge, type Tone } from '../../ui/notice.tsx'
import { saveAs } from '../../ui/save_as.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { reasonPhrase } from '../../words/http.ts'
import { answerOf, shownCharacters, size } from './answer_body.ts'
import type { Draft } from './draft.ts'
import { JsonText } from './json_text.tsx'
import { SentRequest } from './sent_request.tsx'

interface AnswerProps {
  invocation: Invocation
  /** As it was when it was sent. */
  sent: Draft
  connection: Connection
  service: Service | undefined
}

function toneOf(status: number): Tone {
  if (status >= 500) return 'bad'
  if (status >= 400) return 'warn'
  return status >= 300 ? 'info' : 'ok'
}

/** What the API answered, whatever its status. */
export function AnswerView({ invocation, sent, connection, service }: AnswerProps) {
  const { status, durationMs, attempts, headers } = invocation
  const answer = useMemo(() => answerOf(invocation), [invocation])
  return (
    <div className="flex flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={toneOf(status)}>
          {status} {reasonPhrase(status)}
        </Badge>
        <span className="text-[13px] text-ink-2 tabular">{durationMs} ms</span>
        <span className="text-[13px] text-ink-2 tabular">{size(answer.bytes)}</span>
        {attempts > 1 && (
          <span className="text-[13px] text-ink-2">{attempts} tries: the token was renewed in between</span>
        )}
      </p>
      <Tabs
        label="Answer"
        tabs={[
          { value: 'body', label: 'Body', content: <Body answer={answer} /> },
          {
            value: 'headers',
            label: `Headers (${Object.keys(headers).length})`,
            content: <Headers headers={headers} />,
          },
          {
            value: 'sent',
            label: 'Sent request',
            content: service && <SentRequest service={service} connection={connection} draft={sent} />,
          },
        ]}
      />
    </div>
  )
}

function Body({ answer }: { answer: ReturnType<typeof answerOf> }) {
  const { text, image, isJson, bytes } = answer
  const cut = text !== undefined && text.length > shownCharacters
  const shown = text === undefined ? '' : cut ? text.slice(0, shownCharacters) : text
  const save = (
    <Button size="small" onClick={() => saveAs(answer.blob(), answer.fileName)}>
      <Download aria-hidden className="size-3.5" />
      Download
    </Button>
  )
  if (bytes === 0) return <p className="pt-3 text-ink-3">No body.</p>
  if (text === undefined) {
    return (
      <div className="flex flex-col gap-2 pt-3">
        {image === undefined ? (
          <p className="text-ink-2">{size(bytes)} of binary data.</p>
        ) : (
          <img
            src={image}
            alt="What the API answered"
            className="max-h-96 w-fit max-w-full rounded-md border border-line bg-white"
          />
        )}
        <div>{save}</div>
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-2 pt-3">
      <div className="flex flex-wrap items-center gap-2">
        <CopyButton text={text} />
        {save}
        {cut && (
          <span className="text-[13px] text-ink-3">
            The first 200 KB of {size(bytes)}; download it to see the rest.
          </span>
        )}
      </div>
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard.
        tabIndex={0}
        aria-label="Body of the answer"
        className="max-h-[60vh] overflow-auto rounded-md border border-line bg-mute-soft p-3 font-mono text-xs whitespace-pre-wrap break-words"
      >
        {isJson && !cut ? <JsonText text={shown} /> : shown}
      </pre>
    </div>
  )
}

function Headers({ headers }: { headers: Record<string, string> }) {
  return (
    <dl className="mt-3 flex flex-col divide-y divide-line rounded-md border border-line text-[13px]">
      {Object.entries(headers).map(([name, value]) => (
        <div key={name} className="flex flex-wrap gap-x-3 px-3 py-1.5">
          <dt className="text-ink-3">{name}</dt>
          <dd className="min-w-0 font-mono break-all">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
