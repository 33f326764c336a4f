/** Every command by its first word, in the order help shows them. A command is loaded without the others. */
import type { Command, Group } from '../command.ts'

const loaders: Readonly<Record<string, () => Promise<Command | Group>>> = {
  start: async () => (await import('./start.ts')).start,
  sandbox: async () => (await import('./sandbox.ts')).sandbox,
  migrate: async () => (await import('./migrate.ts')).migrate,
  services: async () => (await import('./services/index.ts')).services,
  connections: async () => (await import('./connections/index.ts')).connections,
  connect: async () => (await import('./connect.ts')).connect,
  call: async () => (await import('./call.ts')).call,
  credentials: async () => (await import('./credentials.ts')).credentials,
  export: async () => (await import('./export.ts')).exportDefinitions,
  plan: async () => (await import('./plan.ts')).planDefinitions,
  apply: async () => (await import('./apply.ts')).applyDefinitions,
  keys: async () => (await import('./keys/index.ts')).keys,
  encryption: async () => (await import('./encryption/index.ts')).encryption,
  users: async () => (await import('./users/index.ts')).users,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./restore.ts')).restore,
  whoami: async () => (await import('./whoami.ts')).whoami,
}

export const commandNames: readonly string[] = Object.keys(loaders)

/** Undefined where no command begins with this word. */
export async function findCommand(name: string): Promise<Command | Group | undefined> {
  return Object.hasOwn(loaders, name) ? loaders[name]?.() : undefined
}

export async function allCommands(): Promise<(Command | Group)[]> {
  return Promise.all(Object.values(loaders).map((load) => load()))
}
