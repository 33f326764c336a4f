import { type ClipboardEvent, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { SecretInput } from '../ui/secret_input.tsx'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'
import { type FieldProps, saysOptional } from './field_props.ts'
import { textAt, valueAt } from './paths.ts'

/** Never shows what is stored: empty keeps it, typing replaces it. */
export function SecretField({ field, path, required }: FieldProps & { required: boolean }) {
  const handle = useFormHandle()
  const [lines, setLines] = useState(0)
  const value = textAt(handle.values, path)
  const stored = handle.isStored(path)
  const removed = valueAt(handle.values, path) === null

  // A single line cannot show line breaks, and browsers drop them; a key in PEM is worth nothing without.
  const paste = (event: ClipboardEvent<HTMLInputElement>): void => {
    const text = event.clipboardData.getData('text/plain').trim()
    if (!text.includes('\n')) return
    event.preventDefault()
    handle.change(path, text)
    setLines(text.split('\n').length)
  }
  return (
    <Field
      id={controlId(handle.id, path)}
      label={field.title}
      help={field.description}
      error={errorAt(handle, path)}
      required={required && !stored}
      optional={saysOptional(field, required)}
      aside={
        stored && !required ? (
          <Button size="small" look="quiet" onClick={() => handle.change(path, removed ? '' : null)}>
            {removed ? 'Keep it' : 'Remove'}
            <span className="sr-only"> the stored {field.title}</span>
          </Button>
        ) : undefined
      }
    >
      {(parts) => (
        <>
          <SecretInput
            {...parts}
            stored={stored && !removed}
            value={value}
            onPaste={paste}
            onChange={(event) => {
              setLines(0)
              handle.change(path, event.currentTarget.value)
            }}
            onFocus={() => handle.setTyping(path)}
            onBlur={() => {
              handle.setTyping(null)
              handle.touch(path)
            }}
          />
          {removed && <p className="text-[13px] text-warn">Is removed when this is saved.</p>}
          {lines > 0 && value !== '' && (
            <p className="text-[13px] text-ink-3">{lines} lines were pasted and are kept with their line breaks.</p>
          )}
        </>
      )}
    </Field>
  )
}
