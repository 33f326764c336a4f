/** The contract's rules, for checking before anything is sent. Pages load them with their forms, not before. */
import './jitless.ts'

export {
  ConnectionPatch,
  ConnectSessionInput,
  fieldErrors,
  fields,
  linkNameFrom,
  scopeNameFrom,
} from '@mooring/contract'
