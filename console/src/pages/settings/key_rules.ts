import { z } from 'zod'
import { ApiKeyInput } from '../../forms/rules.ts'

/** A key as the form holds it: the contract's rules, and what the server would refuse anyway. */
export const keyForm = z
  .object({
    name: ApiKeyInput.shape.name,
    role: ApiKeyInput.shape.role,
    connections: z.array(z.string()),
    expiry: z.enum(['never', '30', '90', 'date']),
    date: z.string(),
  })
  .superRefine(({ role, connections, expiry, date }, context) => {
    if (role === 'invoke' && connections.length === 0)
      context.addIssue({ code: 'custom', path: ['connections'], message: 'Choose at least one connection.' })
    if (expiry !== 'date') return
    const end = new Date(`${date}T23:59:59`).getTime()
    if (Number.isNaN(end)) context.addIssue({ code: 'custom', path: ['date'], message: 'Choose the last day.' })
    else if (end <= Date.now())
      context.addIssue({ code: 'custom', path: ['date'], message: 'Choose today or a day to come.' })
  })
