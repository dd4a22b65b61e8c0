/** The commands that repeat a part of a run, as a shell reads them. */

/** A word of a command: quoted if a shell would change it. Names of cases contain conditions, such as `auth.role=="admin"`. */
export function shellWord(text: string): string {
  return /^[\w./:@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The command that repeats one case of a claim. @param command the one of the claim, which names the claim. */
export function commandOfCase(command: string, claim: string, name: string): string {
  return command.replace(shellWord(claim), () => shellWord(name))
}
