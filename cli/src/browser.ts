/** Opening a page in the person's browser. */
import { spawn } from 'node:child_process'
import type { Host } from './command.ts'

/** The program that opens a URL, or undefined where no browser can be expected (CI, no display). */
export function opener({
  env,
  platform,
}: Pick<Host, 'env' | 'platform'>): [program: string, ...args: string[]] | undefined {
  if (env['CI']) return undefined
  if (env['BROWSER']) return [env['BROWSER']]
  if (platform === 'darwin') return ['open']
  // `start` belongs to cmd.exe, which would read & and % in the URL as its own.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined
}

/** True where a program took the URL. The URL is passed as one argument, never through a shell. */
export async function openBrowser(url: string, host: Pick<Host, 'env' | 'platform'>): Promise<boolean> {
  const found = opener(host)
  const page = URL.parse(url)
  if (found === undefined || page === null || !/^https?:$/.test(page.protocol)) return false
  const [program, ...args] = found
  return new Promise((resolve) => {
    const child = spawn(program, [...args, page.href], { detached: true, stdio: 'ignore' })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
