/**
 * The list of common passwords from `@zxcvbn-ts/language-common` (MIT), collected from leaks: some 49,000, of which about 18,000 have eight
 * characters or more. It is used offline, and read from disk when the first password is checked, because a backend without sign-in does not
 * need it.
 */

let loaded: Promise<ReadonlySet<string>> | undefined

/** Whether the whole password is a common one. Upper and lower case count as equal. */
export async function isCommonPassword(password: string): Promise<boolean> {
  loaded ??= load()
  return (await loaded).has(password.toLowerCase())
}

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}
