/** A form that checks by the contract's rules, sends, and shows what the server finds wrong at the same fields. */
import { type FormEvent, type ReactNode, useState } from 'react'
import {
  type DefaultValues,
  type FieldErrors,
  type FieldValues,
  get,
  type Path,
  type Resolver,
  set,
  useForm as useHookForm,
  type UseFormRegisterReturn,
  type UseFormReturn,
} from 'react-hook-form'
import type { z } from 'zod'
import { ErrorSummary, type SummaryError } from '../ui/error_summary.tsx'
import { afterPress } from '../ui/after_press.ts'
import { placeProblems } from './problems.ts'
import { fieldErrors } from './rules.ts'

interface FormOptions<Values extends FieldValues> {
  /** Unique on the page: the ids of the controls begin with it. */
  id: string
  values: DefaultValues<Values>
  /** The rules of what is typed; without one only the server checks. */
  schema?: z.ZodType
  /** Sends it. What it throws is shown: at the fields that the server names, else in the summary. */
  send: (values: Values) => Promise<void>
  /** Which field shows the error of a path of the request; default: the field of that name. undefined: the summary. */
  fieldOf?: (path: string) => Path<Values> | undefined
}

export interface Form<Values extends FieldValues> {
  form: UseFormReturn<Values>
  /** For `Field`: the control's id, and what is wrong. */
  field: (name: Path<Values>) => { id: string; error: string | undefined }
  onSubmit: (event?: FormEvent) => void
  busy: boolean
  /** Everything that is wrong; at the top of the form. */
  summary: ReactNode
}

/** Errors by zod's rules, in the form's own shape. */
export function resolverOf<Values extends FieldValues>(schema: z.ZodType): Resolver<Values> {
  return (values) => {
    const parsed = schema.safeParse(values, { reportInput: true })
    if (parsed.success) return { values, errors: {} }
    const errors: FieldErrors<Values> = {}
    for (const { path, code, message } of fieldErrors(parsed.error.issues, [], values)) {
      if (get(errors, path) === undefined) set(errors, path, { type: code, message })
    }
    return { values: {}, errors }
  }
}

export function useForm<Values extends FieldValues>({
  id,
  values,
  schema,
  send,
  fieldOf,
}: FormOptions<Values>): Form<Values> {
  const form = useHookForm<Values>({
    defaultValues: values,
    mode: 'onTouched',
    shouldFocusError: false,
    ...(schema === undefined ? {} : { resolver: resolverOf<Values>(schema) }),
  })
  const { errors, isSubmitting } = form.formState
  const [attempt, setAttempt] = useState(0)
  const [homeless, setHomeless] = useState<string[]>([])
  const idOf = (name: string): string => `${id}-${name.replaceAll('.', '-')}`
  const known = (path: string): Path<Values> | undefined =>
    get(form.getValues(), path) === undefined ? undefined : (path as Path<Values>)

  const submit = form.handleSubmit(
    async (given) => {
      setHomeless([])
      try {
        await send(given)
      } catch (error) {
        setHomeless(placeProblems(form, error, fieldOf ?? known))
        setAttempt((before) => before + 1)
      }
    },
    () => {
      setHomeless([])
      setAttempt((before) => before + 1)
    },
  )
  // Shown once somebody has tried to send: before that the words at the fields are enough.
  const told: SummaryError[] =
    attempt === 0
      ? []
      : [
          ...messagesOf(errors).map(([name, message]) => ({ field: idOf(name), message })),
          ...homeless.map((message) => ({ message })),
        ]
  const register = (...[name, options]: Parameters<typeof form.register>): UseFormRegisterReturn => {
    const registered = form.register(name, options)
    return {
      ...registered,
      onBlur: async (event: Parameters<typeof registered.onBlur>[0]) => afterPress(() => void registered.onBlur(event)),
    }
  }
  return {
    form: { ...form, register: register as typeof form.register },
    field: (name) => ({ id: idOf(name), error: errorAt(errors, name) }),
    onSubmit: (event) => void submit(event),
    busy: isSubmitting,
    summary: <ErrorSummary errors={told} attempt={attempt} />,
  }
}

function errorAt(errors: object, name: string): string | undefined {
  const found: unknown = get(errors, name)
  if (typeof found !== 'object' || found === null || !('message' in found)) return undefined
  return typeof found.message === 'string' ? found.message : undefined
}

/** Every message with the name of its field, nested ones included. */
function messagesOf(errors: object, under = ''): [name: string, message: string][] {
  return Object.entries(errors).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    if (typeof value !== 'object' || value === null) return []
    const name = under === '' ? key : `${under}.${key}`
    if ('message' in value && typeof value.message === 'string') return [[name, value.message]]
    // `ref` is the element itself.
    return key === 'ref' ? [] : messagesOf(value, name)
  })
}
