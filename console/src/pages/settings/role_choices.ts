import type { Role, UserRole } from '@mooring/sdk'
import type { Choice } from '../../ui/choice_cards.tsx'
import { roleWords } from '../../words/roles.ts'

function choicesOf(roles: readonly Role[]): Choice[] {
  return roles.map((role) => ({ value: role, label: roleWords[role].name, description: roleWords[role].may }))
}

/** Only an owner makes owners. */
function upTo(mine: UserRole): UserRole[] {
  return ['viewer', 'developer', 'admin', ...(mine === 'owner' ? (['owner'] as const) : [])]
}

/** The roles that somebody may give to people. */
export function peopleRoles(mine: UserRole): Choice[] {
  return choicesOf(upTo(mine))
}

/** And to keys, the smallest first. */
export function keyRoles(mine: UserRole): Choice[] {
  return choicesOf(['invoke', ...upTo(mine)])
}
