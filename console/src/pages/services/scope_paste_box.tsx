import { useState } from 'react'
import { useFormHandle } from '../../forms/form_context.tsx'
import { textAt } from '../../forms/paths.ts'
import { rowsOf } from '../../forms/values.ts'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { Field, TextArea } from '../../ui/field.tsx'
import { Fold } from '../../forms/fold.tsx'
import { readPasted } from './pasted.ts'

/** Many scopes at once, into the rows of the form. */
export function ScopePasteBox() {
  const handle = useFormHandle()
  const [text, setText] = useState('')
  const rows = rowsOf(handle.values['scopes'])
  const found = readPasted(
    text,
    rows.map((row) => textAt(row, 'value')),
  )
  const good = found.filter(({ problem }) => problem === undefined)
  const bad = found.filter(({ problem }) => problem !== undefined)
  return (
    <Fold title="Paste many">
      <Field
        label="Scopes to add"
        help="Separated by commas, spaces or line ends. Display names are made from the values."
      >
        {(parts) => (
          <TextArea
            {...parts}
            spellCheck={false}
            className="font-mono text-[13px]"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      {bad.length > 0 && (
        <ul className="text-[13px] text-bad">
          {bad.map(({ value, problem }, index) => (
            // The same value can be there twice.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index} className="break-all">
              {value}: {problem}
            </li>
          ))}
        </ul>
      )}
      <Button
        size="small"
        className="w-fit"
        disabled={good.length === 0}
        onClick={() => {
          handle.change('scopes', [...rows, ...good.map(({ name, value }) => ({ name, value }))])
          setText('')
          announce(`${good.length} scopes added`)
        }}
      >
        {good.length === 1 ? 'Add 1 scope' : `Add ${good.length} scopes`}
      </Button>
    </Fold>
  )
}
