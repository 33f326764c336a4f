import { MooringError } from '@mooring/sdk'
import { useState } from 'react'
import { z } from 'zod'
import { useForm } from '../../../forms/use_form.tsx'
import { Button } from '../../../ui/button.tsx'
import { Checkbox, Field, Input, TextArea } from '../../../ui/field.tsx'
import { ChooseFile, type ChosenFile, ShownFile } from './file_choice.tsx'
import type { Asked } from './sources.ts'

interface SourceFormProps {
  source: Asked
  /** Takes what was given, trimmed. What it throws is told at the field. */
  take: (given: string, register: boolean) => Promise<void>
}

interface Values {
  given: string
}

/** Asks for the document, the command or the URL. What is wrong with it stands at the field. */
export function SourceForm({ source, take }: SourceFormProps) {
  const [file, setFile] = useState<ChosenFile>()
  const [register, setRegister] = useState(false)
  const { form, field, onSubmit, busy, summary } = useForm<Values>({
    id: 'start',
    values: { given: '' },
    schema: z.object({
      given: z.string().refine((value) => file !== undefined || value.trim() !== '', 'Fill this in.'),
    }),
    // Whatever of it is wrong, there is one field to mend.
    fieldOf: () => 'given',
    send: async ({ given }) => {
      try {
        await take(file?.text ?? given.trim(), register)
      } catch (error) {
        throw atField(error)
      }
    },
  })
  const choose = (chosen: ChosenFile | undefined): void => {
    setFile(chosen)
    form.setValue('given', '')
    form.clearErrors('given')
  }
  return (
    <form noValidate autoComplete="off" onSubmit={onSubmit} className="flex flex-col gap-4">
      {summary}
      <Field
        {...field('given')}
        label={source.field}
        required
        help={source.help}
        aside={source.kind === 'document' && file === undefined && <ChooseFile onChosen={choose} />}
      >
        {(parts) =>
          file !== undefined ? (
            <ShownFile {...parts} file={file} onRemove={() => choose(undefined)} />
          ) : source.kind === 'address' ? (
            <Input
              {...parts}
              {...form.register('given')}
              inputMode="url"
              placeholder={source.example}
              autoCapitalize="none"
              spellCheck={false}
              className="font-mono text-[13px]"
            />
          ) : (
            <TextArea
              {...parts}
              {...form.register('given')}
              rows={source.kind === 'document' ? 6 : 4}
              placeholder={source.example}
              autoCapitalize="none"
              spellCheck={false}
              className="font-mono text-[13px]"
            />
          )
        }
      </Field>
      {source.registers === true && (
        <Checkbox
          label="Register a client there for me"
          help="Where its authorization server lets programs register. The client exists at the provider from then on, even if you make no draft."
          checked={register}
          onChange={(event) => setRegister(event.currentTarget.checked)}
        />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" busy={busy}>
          See what it makes
        </Button>
        <p className="text-[13px] text-ink-3">Nothing is stored before you say so.</p>
      </div>
    </form>
  )
}

/** What the server could not fetch or read is about the one field too, though it names none. */
function atField(error: unknown): unknown {
  if (!(error instanceof MooringError) || error.errors.length > 0 || error.code === 'unreachable') return error
  const { code, status, title, message, hint } = error
  const words = hint === undefined ? message : `${message} ${hint}`
  return new MooringError({ code, status, title, detail: message, errors: [{ path: 'given', code, message: words }] })
}
