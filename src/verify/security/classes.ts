/** The classes of faults, what they are in the lists of OWASP, and which claims show each. */

/** The sixteen classes of faults of Web APIs (Web Fuzzing Commons), by their codes. */
export const SECURITY_CLASSES = {
  F100: { what: 'an error of the server', owasp: 'API8', shownBy: ['access', 'values', 'security'] },
  F101: { what: 'an answer that differs from its schema', owasp: 'API9', shownBy: ['answers'] },
  F102: { what: 'success with wrong data', owasp: 'API8', shownBy: ['values'] },
  F103: { what: 'a row that is there after its deletion', owasp: 'API1', shownBy: ['relations'] },
  F104: { what: 'a refused creation that leaves something', owasp: 'API8', shownBy: ['values', 'access'] },
  F200: { what: 'injection into SQL', owasp: 'API8', shownBy: ['security/F200'] },
  F201: { what: 'scripts in answers', owasp: 'API8', shownBy: ['security/F201'] },
  F202: { what: 'requests to addresses that a caller names', owasp: 'API7', shownBy: [] },
  F203: { what: 'fields that a body may not set', owasp: 'API3', shownBy: ['security/F203', 'access'] },
  F204: { what: 'whether a hidden row exists', owasp: 'API1', shownBy: ['access', 'relations'] },
  F205: { what: 'a caller who is not recognised', owasp: 'API2', shownBy: ['identity'] },
  F206: { what: 'an operation without authorisation', owasp: 'API5', shownBy: ['access'] },
  F207: { what: 'an operation open without sign-in', owasp: 'API2', shownBy: ['access', 'identity'] },
  F208: { what: 'a change by an anonymous caller', owasp: 'API5', shownBy: ['access'] },
  F209: { what: 'errors that show how the backend is made', owasp: 'API8', shownBy: ['security/F209'] },
  F210: { what: 'addresses that no document names', owasp: 'API9', shownBy: ['security/F210'] },
} as const satisfies Record<string, { readonly what: string; readonly owasp: string; readonly shownBy: readonly string[] }>

/** A class of faults. */
export type SecurityClass = keyof typeof SECURITY_CLASSES

/** OWASP API Security Top 10 (2023). */
export const OWASP_API: Readonly<Record<string, string>> = {
  API1: 'rows of others (broken object level authorization)',
  API2: 'sign-in (broken authentication)',
  API3: 'fields of rows (broken object property level authorization)',
  API4: 'use of resources without limits',
  API5: 'operations (broken function level authorization)',
  API6: 'sensitive flows without limits',
  API7: 'requests to addresses that a caller names (server-side request forgery)',
  API8: 'settings that open something (security misconfiguration)',
  API9: 'versions and addresses that nobody knows (improper inventory management)',
  API10: 'answers of other systems that are trusted',
}
