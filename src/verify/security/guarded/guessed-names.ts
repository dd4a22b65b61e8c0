/** F209: names that are almost right. An anonymous caller is not told which was meant, and nobody is told of a field that nobody reads. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { readerOf, type SecurityProbe } from '../probes.ts'

/** A name with one letter too many. */
const almost = (name: string): string => `${name}e`
/** A name of the same length that is near no other one. */
const unlike = (name: string): string => 'qz'.repeat(name.length).slice(0, name.length + 1)

/** The probes about the names of an entity. */
export function guessedNames(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const names = [...entity.fields, ...entity.relations].map(({ name }) => name)
  const own = asking.reference.design.entities[entity.name]
  const secret = names.filter((name) => own?.fields[name]?.read === 'false')
  const reader = readerOf(asking, entity)
  return [
    probeOf({
      ...{ goal: 'guessed/anonymous', user: null, guesses: guessesOf(asking, entity, names, true) },
      why: 'in production only who has signed in is told which name was meant',
      isWrong: (name, answer, twin) => saidOf(answer, name) !== saidOf(twin, name),
    }),
    ...(reader === null || secret.length === 0
      ? []
      : [
          probeOf({
            ...{ goal: 'guessed/secret', user: reader, guesses: guessesOf(asking, entity, secret, false) },
            why: 'nobody may read this field, so nobody is told of it',
            isWrong: (name, { text }) => text.includes(`\\"${name}\\"`),
          }),
        ]),
  ]
}

/** A guess: a request with a place for a name. */
interface Guess {
  /** The name that is meant. */
  readonly name: string
  readonly sent: (guess: string) => SentOverHttp
}

function guessesOf(asking: PlannedWorld, entity: Entity, names: readonly string[], isWhole: boolean): readonly Guess[] {
  const { model } = asking.reference
  const at = `${restBase(model)}/${entity.path}`
  const words = schemaNamesOf(asking, entity)
  const list = (name: string, query: (guess: string) => string): Guess => ({
    name,
    sent: (guess) => ({ method: 'GET', url: `${at}?${query(guess)}` }),
  })
  const document = (name: string, query: (guess: string) => string): Guess => ({
    name,
    sent: (guess) => ({ method: 'POST', url: '/graphql', body: { query: query(guess) } }),
  })
  const { graphql } = model.served
  return [
    ...names.flatMap((name): readonly Guess[] => [
      list(name, (guess) => `fields=${guess}`),
      list(name, (guess) => `sort=${guess}`),
      list(name, (guess) => `include=${guess}`),
      list(name, (guess) => `filter[${guess}][eq]=1`),
      list(name, (guess) => `filter=${encodeURIComponent(`${guess} == 1`)}`),
      ...(graphql
        ? [
            document(name, (guess) => `{ ${words.many} { nodes { ${guess} } } }`),
            document(name, (guess) => `{ ${words.many}(sort: [${guess}]) { nodes { id } } }`),
          ]
        : []),
    ]),
    ...(isWhole
      ? [
          { name: entity.path, sent: (guess: string) => ({ method: 'GET', url: `${restBase(model)}/${guess}` }) },
          ...(graphql ? [document(words.many, (guess) => `{ ${guess} { nodes { id } } }`)] : []),
        ]
      : []),
  ]
}

interface Guessing {
  readonly goal: string
  readonly user: string | null
  readonly guesses: readonly Guess[]
  readonly why: string
  /** Whether an answer says too much. @param twin the answer to a name that is near no other one */
  readonly isWrong: (name: string, answer: Answered, twin: Answered) => boolean
}

function probeOf({ goal, user, guesses, why, isWrong }: Guessing): SecurityProbe {
  return {
    goal,
    user,
    async ask({ send, tokenOf }) {
      const token = tokenOf(user)
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const { name, sent } of guesses) {
        const [asked, other] = [sent(almost(name)), sent(unlike(name))]
        const [answer, twin] = await Promise.all([send({ ...asked, token }), send({ ...other, token })])
        last = { sent: asked, answer }
        if (isWrong(name, answer, twin)) return { wrong: `the answer tells of ${name}`, statuses: [400, 404], why, ...last }
      }
      if (last === null) throw new Error('an entity has a name')
      return { wrong: null, statuses: [400, 404], why, ...last }
    },
  }
}

/** What an answer says, without both names that are sent, and without what is its own. A name may be a part of another word. */
function saidOf({ status, text }: Answered, name: string): string {
  const said = text.replaceAll(almost(name), '').replaceAll(unlike(name), '')
  return `${status} ${said.replace(/"traceId":"[^"]*"/g, '')}`
}
