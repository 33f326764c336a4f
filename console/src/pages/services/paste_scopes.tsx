import type { Service } from '@mooring/sdk'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { wordsFor } from '../../words/problem.ts'
import { type PastedScope, readPasted } from './pasted.ts'

interface PasteScopesProps {
  service: Service
  onClose: () => void
  onStored: () => Promise<void>
}

/** Many at once, as providers' documents list them, seen before they are added. */
export function PasteScopes({ service, onClose, onStored }: PasteScopesProps) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const found = readPasted(
    text,
    service.scopes.map(({ value }) => value),
  )
  const good = found.filter((scope) => scope.problem === undefined)
  const add = async (): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    let added = 0
    try {
      // One by one: what somebody else adds meanwhile stays.
      for (const { value, name } of good) {
        await client.services.scopes.add(service.id, { value, name })
        added++
      }
      announce(`${added} scopes added`)
      onClose()
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
      if (added > 0) await onStored()
    }
  }
  return (
    <Dialog
      open
      size="wide"
      dismissible={text === ''}
      onClose={onClose}
      title="Paste many scopes"
      description="Separated by commas, spaces or line ends. Their values stay as they are; display names are made from them."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={good.length === 0} onClick={() => void add()}>
            {good.length === 1 ? 'Add 1 scope' : `Add ${good.length} scopes`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {problem !== undefined && (
          <Notice tone="bad" live title={wordsFor(problem).title}>
            {wordsFor(problem).detail} What was added so far is in the list.
          </Notice>
        )}
        <Field label="Scopes">
          {(parts) => (
            <TextArea
              {...parts}
              rows={4}
              spellCheck={false}
              className="font-mono text-[13px]"
              placeholder="contacts.read, contacts.write deals.read"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        {found.length > 0 && <Found found={found} />}
      </div>
    </Dialog>
  )
}

function Found({ found }: { found: readonly PastedScope[] }) {
  const bad = found.filter(({ problem }) => problem !== undefined).length
  return (
    <section aria-label="What will be added" className="rounded-md border border-line">
      <p role="status" className="border-b border-line bg-ground px-3 py-1.5 text-[13px] text-ink-2">
        {found.length - bad} to add{bad === 0 ? '' : `, ${bad} left out`}
      </p>
      <ul tabIndex={0} aria-label="Scopes found" className="max-h-60 divide-y divide-line overflow-y-auto">
        {found.map(({ value, name, problem }, index) => (
          <li
            // The same value can be there twice.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            className="grid gap-x-3 px-3 py-1.5 sm:grid-cols-2"
          >
            <span className={cn('break-words', problem !== undefined && 'text-ink-3 line-through')}>{name}</span>
            <span className="font-mono text-[13px] break-all text-ink-2">{value}</span>
            {problem !== undefined && <span className="text-[13px] text-bad sm:col-span-2">{problem}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}
