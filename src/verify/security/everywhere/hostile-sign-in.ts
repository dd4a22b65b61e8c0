/** F100: bodies of wrong forms at the addresses of signing in. Each is refused for its form, and no password is hashed for it. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { ProbeOutcome } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import type { SecurityProbe } from '../probes.ts'

/** JSON that is no text which a login, a password or a token may be. */
const VALUES = [
  ...['null', '7', 'true', '1e999', '[]', '["x"]', '[null]', '{}', '{"$ne":null}', '{"__proto__":{"x":1}}', '{"toString":1}'],
  `${'['.repeat(40)}${']'.repeat(40)}`,
  `"${'a'.repeat(100_000)}"`,
]
/** Texts of characters that no column holds, and of more characters than a login or a token may have. */
const TEXTS = ['\\u0000', 'a\\u0000b', '\\ud800', 'a\\udfff b', 'a'.repeat(8_000)].flatMap((text) => [
  `"${text}"`,
  `"Ab7-${text}@example.org"`,
])

const BODIES = ['null', '7', '"x"', 'true', '[]', '[{}]', '[null]', '{', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{}}}']
const AT_ONCE = 4

/** Names that no address of signing in has, and such as every object inherits. */
const STRANGE_NAMES = ['nothingOfThisName', 'role', 'toString', '__proto__', 'a~b/c']

/** One probe for each address; none for an entity that does not sign in. */
export function hostileSignIn(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { model } = asking.reference
  const { identity } = model
  if (identity === null || identity.entity !== entity.name) return []
  const credentials = [identity.login, identity.password]
  const addresses = { login: credentials, refresh: ['refreshToken'], logout: ['refreshToken'], register: credentials }
  const usual = { [identity.login]: 'nobody-forms@example.org', [identity.password]: 'Ab7-lantern-orchid', refreshToken: 'x' }
  const all = [...requestsOf(asking, entity, 'create')]
  const own = all.find(({ user, expected }) => user === null && expected.every((status) => status < 300))?.request
  const registering = own?.kind === 'create' ? own.rows[0] : undefined
  return [
    namedMembers(`${restBase(model)}/auth/login`, credentials),
    ...Object.entries(addresses).map(([goal, names]): SecurityProbe => {
      const spoiled = names.flatMap((name) =>
        VALUES.map((value) => `{${names.map((own) => `${JSON.stringify(own)}:${own === name ? value : '"x"'}`).join(',')}}`),
      )
      // What else is in these bodies is of the right form, so that the text itself is read.
      const rest = goal === 'register' ? { ...usual, ...registering } : usual
      const sent = goal === 'register' ? Object.keys({ ...registering, [identity.login]: 1, [identity.password]: 1 }) : names
      const texts = names.flatMap((name) =>
        TEXTS.map(
          (text) => `{${sent.map((one) => `${JSON.stringify(one)}:${one === name ? text : JSON.stringify(rest[one])}`).join(',')}}`,
        ),
      )
      return {
        goal: `sign-in/${goal}`,
        user: null,
        async ask({ send }): Promise<ProbeOutcome> {
          const requests = [...BODIES, ...spoiled, ...texts].map((body) => ({
            method: 'POST',
            url: `${restBase(model)}/auth/${goal}`,
            body,
          }))
          const why = 'a body of a wrong form is refused, and is no error of the server'
          let last: ProbeOutcome | null = null
          for (let i = 0; i < requests.length; i += AT_ONCE) {
            const asked = requests.slice(i, i + AT_ONCE).map(async (sent): Promise<ProbeOutcome> => {
              const answer = await send({ ...sent, token: null })
              // A session that does not exist has ended, whatever its token is.
              const isRefused = answer.status >= 400 ? answer.status < 500 : goal === 'logout' && texts.includes(sent.body)
              return { wrong: isRefused ? null : `status ${answer.status}`, statuses: [400], why, sent, answer }
            })
            const outcomes = await Promise.all(asked)
            last = outcomes.find(({ wrong }) => wrong !== null) ?? outcomes[0] ?? last
            if (last !== null && last.wrong !== null) return last
          }
          if (last === null) throw new Error('there are bodies')
          return last
        },
      }
    }),
  ]
}

/** Each member that a sign-in lacks, and each that it does not have, is named. @param names of the login and the password */
function namedMembers(url: string, names: readonly string[]): SecurityProbe {
  const whole = Object.fromEntries(names.map((name) => [name, 'x']))
  const bodies: readonly (readonly [body: string, named: readonly string[]])[] = [
    ['{}', names],
    ...names.map((name) => [JSON.stringify({ ...whole, [name]: undefined }), [name]] as const),
    ...STRANGE_NAMES.map((name) => [`{${names.map((own) => `"${own}":"x"`).join()},${JSON.stringify(name)}:1}`, [name]] as const),
  ]
  return {
    goal: 'sign-in/named-members',
    user: null,
    async ask({ send }): Promise<ProbeOutcome> {
      const why = 'a refusal names each member that is missing or unknown'
      let last: ProbeOutcome | null = null
      for (const [body, named] of bodies) {
        const sent = { method: 'POST', url, body }
        const answer = await send({ ...sent, token: null })
        const pointers = ((answer.json?.errors ?? []) as readonly { readonly pointer?: unknown }[]).map(({ pointer }) => pointer)
        const wanted = named.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
        const isNamed = answer.status === 400 && wanted.every((one) => pointers.includes(one))
        const wrong = isNamed ? null : `status ${answer.status} with ${pointers.join(', ') || 'no pointer'}, expected ${wanted.join(', ')}`
        last = { wrong, statuses: [400], why, sent, answer }
        if (wrong !== null) return last
      }
      if (last === null) throw new Error('there are bodies')
      return last
    },
  }
}
