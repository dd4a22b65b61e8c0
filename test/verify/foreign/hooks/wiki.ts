/** Takes white space off the end of a body that is written. */
export function tidy({ input }: { input: { body?: string } }): { body?: string } {
  return input.body === undefined ? {} : { body: input.body.trimEnd() }
}
