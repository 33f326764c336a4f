/** What looks like a credential. Where in doubt it does: what is asked for once too often does no harm. */

const credentialName =
  /(?:^|[-_.])(?:api[-_]?key|app[-_]?(?:key|id)|client[-_]?(?:id|secret)|key|token|secret|auth|authorization|authentication|access|pass(?:word|wd)?|pwd|pat|signature|sig|session(?:[-_]?id)?|sid|credentials?|jwt|csrf|xsrf)(?:$|[-_.])|api_?key|app_?(?:id|key)$|token|secret|passw|signature/i

export function namesCredential(name: string): boolean {
  // camelCase counts as parts: accessKey, authToken.
  return credentialName.test(name.replaceAll(/([a-z])([A-Z])/g, '$1-$2'))
}

const plainValue =
  /^(?:v?\d{1,4}(?:[.-]\d{1,3}){0,4}(?:T[\d:.]+Z?)?|[a-z]+\/[a-z0-9.+*-]+(?:;.*)?|true|false|[a-z]{2}(?:-[A-Za-z]{2})?)$/i

/** Long and without a meaning that can be read: ids, hashes, keys, also inside of something longer. */
export function looksSecret(value: string): boolean {
  if (plainValue.test(value)) return false
  return value.split(/[\s,;/?&=:|]+/).some((part) => {
    if (part.length < 10) return false
    const digits = /\d/.test(part)
    return (
      (digits && /[A-Za-z]/.test(part)) ||
      /^\d+$/.test(part) ||
      part.length >= 24 ||
      /[A-Z].*[a-z].*[A-Z].*[a-z].*[A-Z]/.test(part)
    )
  })
}
