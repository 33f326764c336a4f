/** The state of a form of declared fields: values, which fields were left, whether somebody has tried to send it. */
import { useCallback, useMemo, useState } from 'react'
import { afterPress } from '../ui/after_press.ts'
import { valueAt, withValue } from './paths.ts'
import type { FormValue, FormValues } from './values.ts'

/** What is wrong at a field, by its path in the form. */
export interface Problem {
  path: string
  code: string
  message: string
}

export interface FormState {
  values: FormValues
  /** Fields that were left: what is wrong with them is shown from then on. */
  touched: ReadonlySet<string>
  /** True once somebody tried to send: everything that is wrong is shown. */
  submitted: boolean
  /** How often it was tried; a new attempt takes the focus to the summary. */
  attempt: number
  /** The secret that is being typed at the moment: half of it is worth nothing to anybody. */
  typing: string | null
  change: (path: string, value: FormValue | undefined) => void
  replace: (values: FormValues | ((before: FormValues) => FormValues)) => void
  touch: (path: string) => void
  setTyping: (path: string | null) => void
  addRow: (path: string, row: FormValue) => void
  removeRow: (path: string, index: number) => void
  submit: () => void
  /** As if nobody had touched anything yet. */
  untouch: () => void
}

const nothing: ReadonlySet<string> = new Set()

export function useFormState(initial: FormValues): FormState {
  const [values, replace] = useState(initial)
  const [touched, setTouched] = useState(nothing)
  const [attempt, setAttempt] = useState(0)
  const [typing, setTyping] = useState<string | null>(null)

  const change = useCallback((path: string, value: FormValue | undefined) => {
    replace((before) => withValue(before, path, value))
  }, [])
  const touch = useCallback((path: string) => {
    afterPress(() => setTouched((before) => (before.has(path) ? before : new Set([...before, path]))))
  }, [])
  const addRow = useCallback((path: string, row: FormValue) => {
    replace((before) => withValue(before, path, [...listAt(before, path), row]))
  }, [])
  const removeRow = useCallback((path: string, index: number) => {
    replace((before) =>
      withValue(
        before,
        path,
        listAt(before, path).filter((_, at) => at !== index),
      ),
    )
    setTouched((before) => new Set([...before].flatMap((each) => afterRemoval(each, path, index))))
  }, [])
  const submit = useCallback(() => setAttempt((before) => before + 1), [])
  const untouch = useCallback(() => {
    setTouched(nothing)
    setAttempt(0)
  }, [])
  return useMemo(
    () => ({
      values,
      touched,
      submitted: attempt > 0,
      attempt,
      typing,
      change,
      replace,
      touch,
      setTyping,
      addRow,
      removeRow,
      submit,
      untouch,
    }),
    [values, touched, attempt, typing, change, touch, addRow, removeRow, submit, untouch],
  )
}

function listAt(values: FormValues, path: string): FormValue[] {
  const list = valueAt(values, path)
  return Array.isArray(list) ? list : []
}

/** Rows behind the one that went move up, and what was touched in them with them. */
function afterRemoval(touched: string, path: string, index: number): string[] {
  if (!touched.startsWith(`${path}.`)) return [touched]
  const [row = '', ...rest] = touched.slice(path.length + 1).split('.')
  if (Number(row) === index) return []
  return Number(row) < index ? [touched] : [[path, Number(row) - 1, ...rest].join('.')]
}
