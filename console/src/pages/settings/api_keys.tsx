import type { ApiKey } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { allKeys } from '../../data/keys.ts'
import { useMay, useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { CreateKeyDialog } from './create_key_dialog.tsx'
import { FirstCall } from './first_call.tsx'
import { DeleteKeyDialog, RollKeyDialog } from './key_dialogs.tsx'
import { KeyRow } from './key_row.tsx'
import { NotYours } from './not_yours.tsx'

export function ApiKeysPage() {
  return useMay('keys') ? (
    <Keys />
  ) : (
    <NotYours title="API keys">
      Programs call with API keys. Ask an owner or an admin to make one for you, limited to the connections it needs.
    </NotYours>
  )
}

type Asked = { act: 'create' } | { act: 'roll' | 'delete'; apiKey: ApiKey }

function Keys() {
  const keys = useQuery(allKeys)
  const { user: me } = useSession()
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = (): void => setAsked(null)
  const create = (
    <Button look="primary" onClick={() => setAsked({ act: 'create' })}>
      <Plus aria-hidden className="size-4" />
      Create key
    </Button>
  )
  const none = keys.data?.length === 0
  return (
    <Page
      title="API keys"
      lead="Programs call with them. Each is shown once, when it is made."
      actions={!none && create}
    >
      {keys.error !== null && (
        <LoadError error={keys.error} retrying={keys.isFetching} onRetry={() => void keys.refetch()} />
      )}
      {keys.isPending && (
        <Section>
          <SkeletonRows rows={4} />
        </Section>
      )}
      {none && (
        <Empty title="No API keys yet" action={create}>
          <p className="mb-4">
            A program needs one to call through your connections. Give it no more than it needs: the role Invoke calls
            through the connections you choose and does nothing else.
          </p>
          <FirstCall />
        </Empty>
      )}
      {keys.data !== undefined && !none && (
        <Section>
          <Table
            label="API keys"
            columns={['Name', 'Role', 'Connections', 'Last used', 'Expires', 'Created by', { hidden: 'Actions' }]}
          >
            {keys.data.map((apiKey) => (
              <KeyRow
                key={apiKey.id}
                apiKey={apiKey}
                replacement={keys.data.find(({ id }) => id === apiKey.replacedBy)}
                changeable={apiKey.role !== 'owner' || me.role === 'owner'}
                onRoll={() => setAsked({ act: 'roll', apiKey })}
                onDelete={() => setAsked({ act: 'delete', apiKey })}
              />
            ))}
          </Table>
        </Section>
      )}
      {asked?.act === 'create' && <CreateKeyDialog onClose={close} />}
      {asked?.act === 'roll' && <RollKeyDialog apiKey={asked.apiKey} onClose={close} />}
      {asked?.act === 'delete' && <DeleteKeyDialog apiKey={asked.apiKey} onClose={close} />}
    </Page>
  )
}
