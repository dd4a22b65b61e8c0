/** Defects of a backend that refuses right credentials in another spelling. */

import { answers, type ProxiedFault } from './proxied.ts'

const UNAUTHORIZED = { status: 401, json: { code: 'invalid_token' }, text: '{"code":"invalid_token"}' }

/** A defect by which headers of some form are refused. */
const refusing = (form: RegExp): ProxiedFault['answer'] =>
  answers((answer, { headers }) => (form.test(headers?.authorization ?? '') ? { ...answer, ...UNAUTHORIZED } : answer))

/** A defect by which some logins are of nobody. */
const unknown = (isOdd: (login: string) => boolean): ProxiedFault['answer'] =>
  answers((answer, { url, body }) => {
    const { email = '' } = (body ?? {}) as { readonly email?: unknown }
    return url === '/api/auth/login' && isOdd(String(email)) ? { ...answer, status: 401, json: { code: 'invalid_credentials' } } : answer
  })

/** The defects. */
export const SPELLING_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'the scheme of a token is compared with its letter case',
    only: 'identity/tokens/spelled',
    named: /spelled\/header: the scheme in capitals: status 401/,
    answer: refusing(/^BEARER /),
  },
  {
    what: 'a token after several spaces is refused',
    only: 'identity/tokens/spelled',
    named: /spelled\/header: several spaces: status 401/,
    answer: refusing(/^\w+ {2,}/),
  },
  {
    what: 'a login is compared with its letter case',
    only: 'identity/sign-in/login-spelled',
    named: /login-spelled\/login: capitals: status 401/,
    answer: unknown((email) => email !== email.toLowerCase()),
  },
  {
    what: 'a login with spaces around it is of nobody',
    only: 'identity/sign-in/login-spelled',
    named: /login-spelled\/login: spaces around it: status 401/,
    answer: unknown((email) => email !== email.trim()),
  },
]
