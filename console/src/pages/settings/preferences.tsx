import { useState } from 'react'
import { showOverlay } from '../../layout/overlay.ts'
import { setShortcuts, shortcutsOn } from '../../layout/shortcuts.ts'
import { applyTheme, storedTheme, type Theme } from '../../theme.ts'
import { Button } from '../../ui/button.tsx'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Section } from '../../ui/page.tsx'
import { Switch } from '../../ui/switch.tsx'

const themes: { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
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
            help="Switch them off if you dictate, or hit keys by accident."
            checked={letters}
            onChange={(event) => {
              setShortcuts(event.target.checked)
              setLetters(event.target.checked)
            }}
          />
          <Button size="small" className="mt-2 ml-13" onClick={() => showOverlay('shortcuts')}>
            See them all
          </Button>
        </fieldset>
      </div>
    </Section>
  )
}
