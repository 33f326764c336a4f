import { type ReactNode, useState } from 'react'
import { useMay } from '../session.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Checkbox } from '../ui/field.tsx'
import { useNav } from './nav.ts'
import { commandKey, setShortcuts, shortcutsOn } from './shortcuts.ts'

const anywhere: [does: string, keys: string[]][] = [
  ['Search or jump to', [`${commandKey}K`]],
  ['Send the form', [`${commandKey}Enter`]],
  ['Close, or go back', ['Esc']],
]

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(shortcutsOn)
  const { main, settings } = useNav()
  const letters: [does: string, keys: string[]][] = [
    ['Search this page', ['/']],
    ...(useMay('manage') ? [['Add Connection', ['c']] satisfies [string, string[]]] : []),
    ...[...main, ...settings].flatMap(({ label, shortcut }): [string, string[]][] =>
      shortcut === undefined ? [] : [[`Go to ${label}`, ['g', shortcut]]],
    ),
    ['This list', ['?']],
  ]
  return (
    <Dialog open onClose={onClose} title="Keyboard shortcuts">
      <div className="flex flex-col gap-5">
        <List title="Anywhere" entries={anywhere} />
        <List title="Where nobody is typing" entries={letters} faded={!on} />
        <Checkbox
          label="Single letters work as shortcuts"
          help="Switch them off if your speech input or screen reader uses letters."
          checked={on}
          onChange={(event) => {
            setShortcuts(event.target.checked)
            setOn(event.target.checked)
          }}
        />
      </div>
    </Dialog>
  )
}

interface ListProps {
  title: string
  entries: readonly [does: string, keys: string[]][]
  faded?: boolean
}

function List({ title, entries, faded = false }: ListProps) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-ink-3">{title}</h3>
      <dl className="divide-y divide-line border-y border-line">
        {entries.map(([does, keys]) => (
          <div key={does} className="flex items-center justify-between gap-4 py-1.5">
            <dt className={faded ? 'text-ink-3 line-through' : ''}>{does}</dt>
            <dd className="flex gap-1">
              {keys.map((one) => (
                <Key key={one}>{one}</Key>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Key({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-6 min-w-6 items-center justify-center rounded-sm border border-line bg-card px-1.5 font-sans text-xs whitespace-nowrap text-ink-2">
      {children}
    </kbd>
  )
}
