import type { Connection } from '@mooring/sdk'
import { useId, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, Input } from '../ui/field.tsx'
import type { Acts } from './authorizing_step.ts'

/** Of a per-user connection: who signs in. */
export function UserDialog({ connection, acts }: { connection: Connection; acts: Acts }) {
  const [user, setUser] = useState('')
  const [error, setError] = useState<string>()
  const form = useId()
  return (
    <Dialog
      open
      onClose={acts.dismiss}
      title="Who is it for?"
      description={`Each user of ${connection.name} signs in for themself.`}
      footer={
        <>
          <Button onClick={acts.dismiss}>Cancel</Button>
          <Button look="primary" type="submit" form={form}>
            Continue
          </Button>
        </>
      }
    >
      <form
        id={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          const named = user.trim()
          if (named === '') setError('Fill in the user id.')
          else acts.nameUser(named)
        }}
      >
        <Field
          label="User id"
          required
          error={error}
          help="The id your own program knows this person by. Calls name the same id to use their authorization."
        >
          {(parts) => (
            <Input
              {...parts}
              value={user}
              maxLength={200}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => {
                setUser(event.target.value)
                setError(undefined)
              }}
            />
          )}
        </Field>
      </form>
    </Dialog>
  )
}
