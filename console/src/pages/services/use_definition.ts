/** Editing a service: values, what is wrong with them (by our rules, by the preview, by the server's reply), and the preview. */
import type { AuthType, FieldError, FormField, Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { allServices } from '../../data/services.ts'
import { type FormHandle, isVisible } from '../../forms/form_context.tsx'
import { type FormState, type Problem, useFormState } from '../../forms/form_state.ts'
import { textAt, valueAt, withValue } from '../../forms/paths.ts'
import { linkNameFrom } from '../../forms/rules.ts'
import { type PreviewState, usePreview } from '../../forms/use_preview.ts'
import { type FormValues, isSet } from '../../forms/values.ts'
import { authField, definitionOf, localProblems, partOf, partValue, placeIn, typeIn } from './definition.ts'

interface Options {
  id: string
  types: readonly AuthType[]
  /** The fields besides `auth`; the order of the form. */
  general: readonly FormField[]
  initial: FormValues
  /** The stored service that is changed; absent where one is made. */
  service?: Service
  /** What else the service to be made is sent with. */
  also?: Readonly<Record<string, unknown>>
  /** A draft may lack things: what is missing is told only once somebody tries to make it ready. */
  lenient?: boolean
  /** False for those who may not change anything: they may not ask either. */
  asks?: boolean
  /** A connection that is made in the same step. */
  joint?: JointPart
}

/** What is filled in beside a service and sent with it. */
export interface JointPart {
  field: (values: FormValues) => FormField
  problems: (values: FormValues) => Problem[]
  /** Values that follow others until somebody changes them. */
  follow: (before: FormValues, after: FormValues) => FormValues
}

export interface Definition {
  state: FormState
  handle: FormHandle
  /** Every field of the form, `auth` among them. */
  fields: FormField[]
  type: AuthType | undefined
  /** As it is sent. */
  input: Record<string, unknown>
  preview: PreviewState<FormValues>
  /** Everything that is wrong, in the order of the form. */
  problems: Problem[]
  /** Those that hold for what stands there now, and not only for what stood there when the preview was asked. */
  certain: Problem[]
  /** Those of them that are told before anybody asked. */
  shown: Problem[]
  /** Takes the errors of a reply to what was sent of these values; gives back those without a field. */
  tell: (errors: readonly FieldError[], of: FormValues) => FieldError[]
}

interface Told {
  problems: Problem[]
  of: FormValues
}

export function useDefinition(options: Options): Definition {
  const { id, types, general, initial, service, also, lenient = false, asks = true, joint } = options
  const inner = useFormState(initial)
  const { values } = inner
  const [told, setTold] = useState<Told>()
  const others = useQuery(allServices).data
  const taken = useMemo(
    () => new Set((others ?? []).filter((each) => each.id !== service?.id).map(({ linkName }) => linkName)),
    [others, service?.id],
  )
  const type = typeIn(values, types)
  const fields = useMemo(
    () => [...general, authField(type), ...(joint === undefined ? [] : [joint.field(values)])],
    [general, type, joint, values],
  )
  const input = useMemo(() => {
    const { linkName, ...definition } = definitionOf(general, values, type)
    // Left empty, or as it was made from the name, the server sees to it that it is free.
    const own = service === undefined && (linkName === '' || follows(values, taken)) ? {} : { linkName }
    return { ...definition, ...own, ...also }
  }, [general, values, type, service, taken, also])
  const preview = usePreview(asks ? { ...(service ? { service: service.id } : {}), definition: input } : null, values)

  const [problems, certain] = useMemo(() => {
    const local = [...localProblems(fields, values, input), ...(joint?.problems(values) ?? [])]
    const linkName = textAt(values, 'linkName')
    if (taken.has(linkName) && !(service === undefined && follows(values, taken)))
      local.push({ path: 'linkName', code: 'link_name_taken', message: 'Another service has this link name.' })
    const asked = (preview.preview?.errors ?? []).flatMap(({ path, code, message }) => {
      const place = placeIn(fields, values, path)
      return place === undefined ? [] : [{ path: place, code, message }]
    })
    // A preview of what stands there now has looked at all of it again, but for what is to be stored beside it.
    const answered = (told?.problems ?? []).filter(
      ({ path }) => !preview.fresh || preview.of === told?.of || /^(?:linkName|connection)\b/.test(path),
    )
    const later = still(asked, preview.of, values)
    const replied = still(answered, told?.of, values)
    const listed = (found: Problem[]): Problem[] => inOrder(fields, firstOfEach(found))
    return [
      listed([...local, ...later, ...replied]),
      listed([...local, ...(preview.fresh ? later : []), ...replied]),
    ] as const
  }, [fields, values, input, joint, taken, service, preview.preview, preview.of, preview.fresh, told])
  const shown = useMemo(
    () =>
      problems.filter(
        (problem) => isVisible(problem, inner) && (inner.submitted || !lenient || problem.code !== 'required'),
      ),
    [problems, inner, lenient],
  )

  const { replace } = inner
  const made = service === undefined
  useEffect(() => {
    // Which link names are taken may be known only once one was made.
    if (made) replace((before) => (follows(before, taken) ? withLinkName(before, taken) : before))
  }, [made, taken, replace])
  const named = service?.stage !== 'ready'
  const change = useCallback<FormState['change']>(
    (path, value) =>
      replace((before) => {
        const after = withValue(before, path, value)
        const linked = path === 'name' && named && follows(before, taken) ? withLinkName(after, taken) : after
        return joint === undefined ? linked : joint.follow(before, linked)
      }),
    [replace, taken, named, joint],
  )
  const state = useMemo(() => ({ ...inner, change }), [inner, change])
  const handle = useMemo<FormHandle>(() => {
    const auth: Readonly<Record<string, unknown>> = service?.auth ?? {}
    return {
      ...state,
      id,
      problems: shown,
      isStored: (path) => path.startsWith('auth.') && isSet(auth[path.slice('auth.'.length)]),
    }
  }, [state, id, shown, service?.auth])
  const tell = useCallback(
    (errors: readonly FieldError[], of: FormValues) => {
      const placed = errors.map((error) => ({ error, place: placeIn(fields, of, error.path) }))
      setTold({
        of,
        problems: placed.flatMap(({ error: { code, message }, place }) =>
          place === undefined ? [] : [{ path: place, code, message }],
        ),
      })
      return placed.filter(({ place }) => place === undefined).map(({ error }) => error)
    },
    [fields],
  )
  return { state, handle, fields, type, input, preview, problems, certain, shown, tell }
}

/** Whether the link name is one that the name makes, so that it goes on following the name. */
function follows(values: FormValues, taken: ReadonlySet<string>): boolean {
  const [name, linkName] = [textAt(values, 'name'), textAt(values, 'linkName')]
  return linkName === '' || linkName === linkNameFrom(name) || linkName === linkNameFrom(name, (one) => taken.has(one))
}

function withLinkName(values: FormValues, taken: ReadonlySet<string>): FormValues {
  const name = textAt(values, 'name')
  const linkName = name === '' ? '' : linkNameFrom(name, (each) => taken.has(each))
  return textAt(values, 'linkName') === linkName ? values : withValue(values, 'linkName', linkName)
}

/** What was said of parts that are still as they were when it was said. */
function still(problems: Problem[], of: FormValues | undefined, values: FormValues): Problem[] {
  if (of === undefined) return []
  return problems.filter(({ path }) => {
    const part = partOf(path)
    return valueAt(of, path) === valueAt(values, path) || partValue(of, part) === partValue(values, part)
  })
}

function firstOfEach(problems: Problem[]): Problem[] {
  return problems.filter((problem, index) => problems.findIndex(({ path }) => path === problem.path) === index)
}

function inOrder(fields: readonly FormField[], problems: Problem[]): Problem[] {
  const rank = ({ path }: Problem): number => {
    const [first, second] = path.split('.')
    const at = fields.findIndex(({ name }) => name === first)
    const below = fields[at]?.fields?.findIndex(({ name }) => name === second) ?? -1
    return at * 1000 + below
  }
  return problems.toSorted((a, b) => rank(a) - rank(b))
}
