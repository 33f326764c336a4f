/** So many random characters that are safe in a URL; without `crypto.randomUUID`, which plain http lacks. */
export function randomText(length: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // 64 letters: the low six bits of a byte choose one, all with the same chance.
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => letters.charAt(byte & 63)).join('')
}
