/** Patterns of the design are run on text that strangers send, so one that may take very long is refused when the design is read. */

/** What is wrong with a pattern; null when nothing is. */
export function patternProblem(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u')
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : 'it is not one'
    return `not a regular expression: ${reason}`
  }
  return null
}
