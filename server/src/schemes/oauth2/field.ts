/** The kinds of fields that the definition is made of. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { dotPath, lineText } from '../rules.ts'

/** A dot path that may be left out. */
export const path = z
  .preprocess((value) => (value === '' || value === null ? undefined : value), dotPath.optional())
  .optional()

/** Another name for a parameter, that may be left out. */
export const renamed = z
  .preprocess((value) => (value === '' || value === null ? undefined : value), field.parameterKey.optional())
  .optional()

/** Constants by the parameter that carries them. */
export const constants = z.record(field.parameterKey, lineText)

/** The heading of the form under which the answers to providers' oddities stand. */
export const section = 'Provider specifics'

/** Where a person signs in. */
export const withPerson = { field: 'grantType', in: ['authorization_code', 'authorization_code_pkce'] }
