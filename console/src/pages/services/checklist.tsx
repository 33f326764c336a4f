import { Check, CircleDashed, Lightbulb } from 'lucide-react'
import { useRef, useState } from 'react'
import { MooringError } from '@mooring/sdk'
import { client } from '../../data/client.ts'
import { serviceChanged } from '../../data/services.ts'
import { focusSoon } from '../../forms/row_buttons.tsx'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { tell } from '../../ui/toast.ts'
import { wordsFor } from '../../words/problem.ts'
import { useGoToField } from './arrival.ts'
import { addConnectionId, useBuilder } from './builder_context.tsx'
import { listed } from './saving_status.tsx'
import { titleAt } from './titles.ts'

/** What is still missing, each line leading to its field, next to the button that cannot be taken back. */
export function Checklist() {
  const { definition, saving, service, type } = useBuilder()
  const { problems, preview, state } = definition
  const goTo = useGoToField()
  const list = useRef<HTMLDivElement>(null)
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const known = preview.preview !== undefined
  const open = problems.length
  const recommended = [
    ...(type?.scopes === true && service.scopes.length === 0
      ? [{ path: 'scopes', says: 'We strongly recommend adding scopes.' }]
      : []),
    ...(service.probe === null && state.values['probe'] !== undefined
      ? [{ path: 'probe', says: 'Add a test request, so that a connection is tested as soon as it is made.' }]
      : []),
  ]
  const ask = (): void => {
    setProblem(undefined)
    if (open === 0) {
      setAsking(true)
      return
    }
    state.submit()
    announce(`${open} ${open === 1 ? 'thing' : 'things'} to do before it is Ready`)
    list.current?.focus()
  }
  return (
    <Section title="Before you mark as Ready">
      <div ref={list} tabIndex={-1} className="flex flex-col gap-2 p-4 focus-visible:-outline-offset-2">
        {known && open === 0 && (
          <p className="flex items-center gap-2 text-ok">
            <Check aria-hidden className="size-4" />
            Everything that is needed is there.
          </p>
        )}
        <ul className="flex flex-col gap-1.5">
          {problems.map(({ path, message }) => (
            <li key={`${path} ${message}`} className="flex items-start gap-2">
              <CircleDashed aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" />
              <button
                type="button"
                onClick={() => goTo(path)}
                className="min-w-0 rounded-sm text-left break-words hover:underline"
              >
                <span className="font-medium">{titleAt(definition, path)}:</span>{' '}
                <span className="text-ink-2">{message}</span>
              </button>
            </li>
          ))}
          {recommended.map(({ path, says }) => (
            <li key={says} className="flex items-start gap-2">
              <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
              <button
                type="button"
                onClick={() => goTo(path)}
                className="rounded-sm text-left text-ink-2 hover:underline"
              >
                {says}
              </button>
            </li>
          ))}
        </ul>
        {problem !== undefined && (
          <Notice tone="bad" live title={wordsFor(problem).title}>
            {wordsFor(problem).detail}
          </Notice>
        )}
        <Button
          look={known && open === 0 ? 'primary' : 'plain'}
          className="mt-1 w-fit"
          disabled={saving.conflict !== null || saving.gone}
          onClick={ask}
        >
          Mark as Ready
        </Button>
      </div>
      <ReadyDialog open={asking} onClose={() => setAsking(false)} onProblem={setProblem} />
    </Section>
  )
}

interface ReadyDialogProps {
  open: boolean
  onClose: () => void
  onProblem: (error: unknown) => void
}

function ReadyDialog({ open, onClose, onProblem }: ReadyDialogProps) {
  const { service, type, saving, definition } = useBuilder()
  const [busy, setBusy] = useState(false)
  const secrets = (type?.fields ?? []).filter(({ kind }) => kind === 'secret').map(({ title }) => title)
  const mark = async (): Promise<void> => {
    setBusy(true)
    try {
      if ((await saving.flush()).length > 0) {
        onProblem(saving.failure ?? new Error('Not everything could be saved yet. Mend what is said at the fields.'))
        return
      }
      const ready = await client.services.ready(service.id)
      tell(`${ready.name} is Ready`, 'Add a connection to use it.')
      await serviceChanged(ready)
      focusSoon(addConnectionId)
    } catch (error) {
      if (error instanceof MooringError) definition.tell(error.errors, definition.state.values)
      definition.state.submit()
      onProblem(error)
    } finally {
      setBusy(false)
      onClose()
    }
  }
  return (
    <Confirm
      open={open}
      title={`Mark ${service.name} as Ready?`}
      keep="Keep as Draft"
      confirm="Mark as Ready"
      danger={false}
      busy={busy}
      onKeep={onClose}
      onConfirm={() => void mark()}
    >
      <p>This cannot be undone. From then on these are locked:</p>
      <ul className="mt-1 list-disc pl-5">
        <li>the authentication type, {type?.title}, and all of its settings</li>
        <li>
          the link name <span className="font-mono text-[13px]">{service.linkName}</span>
        </li>
        {type?.scopes === true && <li>the scope delimiter; scopes too, once there is a connection</li>}
      </ul>
      <p className="mt-2">
        You can still change the name, the description, the logo, the base URL, hosts and the test request
        {secrets.length === 0 ? '' : `, and replace the ${listed(secrets)}`}.
      </p>
    </Confirm>
  )
}
