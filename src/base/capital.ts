/** Changes the case of a name's first letter. */

/** The text with its first letter in upper case: `createdAt` → `CreatedAt`. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
