/** What the sections of the builder share: one form, one copy of the server's, one saving. */
import type { AuthType, FormField, Service } from '@mooring/sdk'
import { createContext, use, useMemo, useState } from 'react'
import { scopeDelimiterField, apiFields, descriptionField, linkNameField, nameField } from './general_fields.ts'
import { valuesOfService } from './definition.ts'
import { type Definition, useDefinition } from './use_definition.ts'
import { type Saving, type ServerCopy, useSaving } from './use_saving.ts'

/** The parts besides `auth` that are saved with the form; scopes are rows of their own. */
const builderFields: FormField[] = [nameField, linkNameField, descriptionField, ...apiFields, scopeDelimiterField]

export interface Builder {
  service: Service
  setService: (service: Service) => void
  types: readonly AuthType[]
  /** The type that is stored, or just chosen. */
  type: AuthType | undefined
  definition: Definition
  saving: Saving
  /** Whether whoever looks may change it at all. */
  may: boolean
  /** Whether how it authenticates can still be changed. */
  draft: boolean
}

export function useNewBuilder(initial: Service, types: readonly AuthType[], may: boolean): Builder {
  const [copy, setCopy] = useState<ServerCopy>({ service: initial, sent: new Map() })
  const [start] = useState(() => valuesOfService(initial, builderFields, types))
  const { service } = copy
  const shape = useMemo(() => ({ general: builderFields, types }), [types])
  const also = useMemo(() => ({ scopes: service.scopes.map(({ name, value }) => ({ name, value })) }), [service.scopes])
  const draft = service.stage === 'draft'
  const definition = useDefinition({
    id: 'service',
    types,
    general: builderFields,
    initial: start,
    service,
    also,
    lenient: true,
    asks: may,
  })
  const saving = useSaving({ shape, copy, setCopy, definition, auto: may && draft })
  return {
    service,
    setService: (next) => setCopy((before) => ({ ...before, service: next })),
    types,
    type: definition.type,
    definition,
    saving,
    may,
    draft,
  }
}

/** Where the focus goes once there is something to add connections to. */
export const addConnectionId = 'add-connection'

export const BuilderContext = createContext<Builder | null>(null)

export function useBuilder(): Builder {
  const builder = use(BuilderContext)
  if (builder === null) throw new Error('useBuilder belongs inside the builder.')
  return builder
}
