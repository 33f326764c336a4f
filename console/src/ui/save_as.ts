/** Gives a file to the browser to save. */
export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then, however slow the machine.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
