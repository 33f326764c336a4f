/** Going to a field of another section: it is there only once the section is. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { controlId } from '../../forms/form_context.tsx'
import { goToControl } from '../../ui/go_to_control.ts'
import { useBuilder } from './builder_context.tsx'

/** The id of the control that is waited for. There is one builder on a page. */
let awaited: string | null = null

/** For each section: takes the focus to where somebody wanted to go. */
export function useArrival(): void {
  useEffect(() => {
    if (awaited !== null && goToControl(awaited)) awaited = null
  }, [])
}

export function useGoToField(): (path: string) => void {
  const { service, definition } = useBuilder()
  const navigate = useNavigate()
  return (path) => {
    const id = controlId(definition.handle.id, path)
    if (goToControl(id)) return
    awaited = id
    const params = { link: service.linkName }
    if (path.startsWith('auth.')) void navigate({ to: '/services/$link/security', params })
    else if (path === 'scopes' || path === 'scopeDelimiter') void navigate({ to: '/services/$link/scopes', params })
    else void navigate({ to: '/services/$link/general', params })
  }
}
