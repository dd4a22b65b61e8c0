/** The secrets that variables of an environment have, so that no report repeats them. */

import type { KnownSecret } from '../../../verify/cases/probe.ts'
import type { Environment } from '../../terminal/environment.ts'

const SECRET_NAME = /secret|passw|passphrase|token|key|credential/i
const ADDRESS = /^[a-z][a-z\d+.-]*:\/\/[^/@\s]*:([^/@\s]+)@/i

/** The values of variables whose names say that they are secret, and the passwords of addresses. */
export function environmentSecrets(env: Environment): readonly KnownSecret[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const password = ADDRESS.exec(value)?.[1]
    const kind = `the value of ${name}`
    return [
      ...(SECRET_NAME.test(name) ? [{ kind, text: value }] : []),
      ...(password === undefined ? [] : [{ kind: `the password of ${name}`, text: password }]),
    ]
  })
}
