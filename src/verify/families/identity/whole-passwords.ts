/** Every character of a password counts, whatever its length and its characters are, at whichever door it was set. */

import { isDone, placedWrites } from '../../cases/placed/placed-writes.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import { ALL, httpRequestOf } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { DesignField } from '../../expected/written-design.ts'
import { takes } from '../values/guessed-passwords.ts'
import type { SigningIn } from './signing-in.ts'

const CLAIM = 'identity/sign-in'
const MAX_BYTES = 1_024
/** Characters: the shortest, those around the limits of some hashes (64 and 72 bytes), more, and the most that a password may have. */
const LENGTHS = [8, 10, 64, 72, 73, 128, 256, 512]

/** A password that is set, and texts that are others, or the same. */
interface Whole {
  readonly label: string
  readonly text: string
  readonly others: Readonly<Record<string, string>>
  readonly same: readonly string[]
}

/** One probe: an account changes its password, and signs in. None where no account may change its own. */
export function wholePasswords(signing: SigningIn, account: string): readonly ProbeCase[] {
  const { asking, entity, identity, loginOf, at } = signing
  const { reference } = asking
  const field = reference.design.entities[entity.name]?.fields[identity.password]
  const passwords = field === undefined ? [] : passwordsFor(field)
  const [first] = passwords
  if (first === undefined || entity.hooks.length > 0) return []
  const changeTo = (text: string) =>
    ({
      ...({ kind: 'update', entity: entity.name, mode: 'patch', id: account, body: { [identity.password]: text } } as const),
      ...{ version: null, selected: ALL },
    }) as const
  if (expectationOf(reference, account, changeTo(first.text)).statuses.join() !== '200') return []
  const loginWith = (password: string) => ({
    ...{ method: 'POST', url: `${at}/login`, token: null },
    body: { [identity.login]: loginOf(account), [identity.password]: password },
  })
  return [
    {
      name: `${CLAIM}/whole-password/login`,
      claim: CLAIM,
      door: 'login',
      user: account,
      goals: passwords.map(({ label }) => `whole-password-${label}`),
      atoms: {},
      async ask(tools: ProbeTools): Promise<ProbeOutcome> {
        const outcome = { statuses: [200, 401], why: 'a password must be typed exactly as it was set' }
        const own = await tools.newToken(account)
        let sent = loginWith(first.text)
        let answer = await tools.send({ method: 'GET', url: `${at}/me`, token: own })
        const { length } = placedWrites(asking, { user: account, write: changeTo(first.text) })
        // Each password, and each place.
        for (let i = 0; i < Math.max(passwords.length, length); i++) {
          const { label, text, others, same } = passwords[i % passwords.length] ?? first
          const places = placedWrites(asking, { user: account, write: changeTo(text) })
          const { place, sent: change } = places[i % places.length] ?? places[0]
          const changed = await tools.send({ ...change, token: own })
          const wrong = isDone(changed)
            ? null
            : `${label}: the change (${place}) is answered ${changed.status}: ${changed.text.slice(0, 200)}`
          if (wrong !== null) return { ...outcome, wrong, sent: change, answer: changed }
          // The right password comes last, so that the wrong ones are not counted any more.
          const asked = [
            ...Object.entries(others).map((one) => [...one, 401] as const),
            ...[text, ...same].map((one) => ['whole', one, 200] as const),
          ]
          for (const [which, password, status] of asked) {
            sent = loginWith(password)
            answer = await tools.send(sent)
            if (answer.status !== status)
              return { ...outcome, wrong: `${label}, set by ${place}: ${which}: status ${answer.status}`, sent, answer }
          }
        }
        const forms: unknown[] = []
        for (let n = 0; n < 2; n++) {
          await tools.send({ ...httpRequestOf(reference.model, changeTo(first.text)), token: own })
          forms.push((await tools.rows()).get(entity.name)?.find(({ id }) => String(id) === account)?.[identity.password])
        }
        const wrong = forms[0] === forms[1] ? 'the same password, set again, is stored in the same form' : null
        return { ...outcome, wrong, sent, answer }
      },
      // The password is another one, and others were changed beside it.
      rows: () => null,
    },
  ]
}

/** Passwords that the limits of a field take. */
function passwordsFor(field: DesignField): readonly Whole[] {
  const { max = 256 } = field
  const lengths = [...new Set([...LENGTHS, Number(max)])].filter((length) => length <= Number(max))
  const plain = lengths.map((length) => whole(`${length}`, field, { length, last: 'q', other: 'r' }))
  const wide = lengths.flatMap((length) => [
    whole(`${length}-of-two-bytes`, field, { length, fill: 'ü', last: 'é', other: 'è' }),
    whole(`${length}-of-four-bytes`, field, { length, fill: '🦉', last: '🦊', other: '🦋' }),
  ])
  // One of each kind of wide characters is enough: those of which most bytes are behind the limits of some hashes.
  const [two] = wide.filter((one) => one?.label.endsWith('-of-two-bytes') === true).slice(-1)
  const [four] = wide.filter((one) => one?.label.endsWith('-of-four-bytes') === true).slice(-1)
  const composed = whole('composed', field, { length: 20, last: 'é', other: 'e' })
  return [...plain, two ?? null, four ?? null, composed].filter((one) => one !== null)
}

interface Making {
  readonly length: number
  readonly fill?: string
  readonly last: string
  readonly other: string
}

const WORDS = 'Glade-7-orchid-lantern-quill-granite-'

/** A password of so many characters; null if the limits do not take it. */
function whole(label: string, field: DesignField, { length, fill, last, other }: Making): Whole | null {
  const begin = fill === undefined ? WORDS.repeat(Math.ceil(length / WORDS.length)) : `Ab7-${fill.repeat(length)}`
  const head = [...begin].slice(0, length - 1).join('')
  const text = `${head}${last}`
  if (!takes(field, text) || Buffer.byteLength(text) > MAX_BYTES) return null
  return {
    label,
    text,
    others: { 'without its last character': head, 'with another last character': `${head}${other}`, 'with one more': `${text}${other}` },
    same: text.normalize('NFD') === text || fill !== undefined ? [] : [text.normalize('NFD')],
  }
}
