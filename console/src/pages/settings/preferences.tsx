import { useState } from 'react'
import { setShortcuts, shortcutsOn } from '../../layout/shortcuts.ts'
import { applyTheme, storedTheme, type Theme } from '../../theme.ts'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Section } from '../../ui/page.tsx'
import { Switch } from '../../ui/switch.tsx'

const themes: { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

const shortcuts: [keys: string, does: string][] = [
  ['/', 'search on this page'],
  ['g c', 'Connections'],
  ['g s', 'Custom services'],
  ['g a', 'Activity'],
  ['c', 'Add Connection'],
]

/** What this browser keeps for itself. */
export function Preferences() {
  const [theme, setTheme] = useState(storedTheme)
  const [letters, setLetters] = useState(shortcutsOn)
  return (
    <Section title="This browser" description="Kept here, not in your account.">
      <div className="flex flex-col gap-5 p-4">
        <ChoiceCards
          legend="Colours"
          choices={themes}
          value={theme}
          onChange={(value) => {
            const chosen = themes.find((one) => one.value === value)?.value ?? 'system'
            applyTheme(chosen)
            setTheme(chosen)
          }}
        />
        <fieldset>
          <legend className="mb-1 font-medium">Keyboard</legend>
          <Switch
            label="Single-letter shortcuts"
            help="Switch them off if you dictate, or hit keys by accident. Ctrl K works either way."
            checked={letters}
            onChange={(event) => {
              setShortcuts(event.target.checked)
              setLetters(event.target.checked)
            }}
          />
          <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1 pl-13 text-[13px] text-ink-2">
            {shortcuts.map(([keys, does]) => (
              <div key={keys} className="flex items-center gap-1.5">
                <dt>
                  <kbd className="rounded-sm border border-line bg-mute-soft px-1.5 font-mono text-xs">{keys}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </fieldset>
      </div>
    </Section>
  )
}
