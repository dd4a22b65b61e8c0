/**
 * The list of common passwords from `@zxcvbn-ts/language-common` (MIT), collected from leaks. It has about 49,000 passwords; about 18,000
 * of them have eight characters or more. It is used offline. It is read from disk at the first check, because a backend without sign-in
 * does not need it.
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
