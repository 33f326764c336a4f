/** Files that hold a secret. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { randomToken } from '../ids.ts'

/**
 * Makes a file that its owner alone can read (0600), whole and on the disk from the moment it has its name. False where
 * there is one already, which stays as it is: of several processes one makes it, the others read it.
 */
export function createOnce(path: string, text: string): boolean {
  const draft = `${path}.${randomToken(6)}.new`
  try {
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    try {
      linkSync(draft, path)
    } catch (error) {
      if (!existsSync(path)) throw error
      return false
    }
  } finally {
    rmSync(draft, { force: true })
  }
  syncFolder(dirname(path))
  return true
}

/** The name, too, outlives a power cut. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
