/**
 * Passwords that everybody tries first: some 49,000, of which about 18,000 have eight characters or more, from `@zxcvbn-ts/language-common` (MIT), which
 * collects them from leaks. Asked offline; read from disk when the first password is checked, as a backend without sign-in never needs it.
 */

let loaded: Promise<ReadonlySet<string>> | undefined

/** True when the whole password, in any case, is a common one. */
export async function isCommonPassword(password: string): Promise<boolean> {
  loaded ??= load()
  return (await loaded).has(password.toLowerCase())
}

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}
