/** Asks an environment that exists, without knowing its rows and without changing them. */

import { setTimeout as sleep } from 'node:timers/promises'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { prose } from '../../../compile/openapi/component-names.ts'
import type { Model } from '../../../model/model.ts'
import { againstCases, NOT_ASKED_THERE } from '../../../verify/against/against-plan.ts'
import { exploreEnvironment, type KnownEnvironment, TokenRefused, type TokenRequest } from '../../../verify/against/environment.ts'
import { OutOfRequests, type Paced, paced } from '../../../verify/against/pace.ts'
import { readingOnly } from '../../../verify/against/read-only.ts'
import { type AgainstOutcome, runAgainst, withoutLeft } from '../../../verify/against/run-against.ts'
import type { FamilyPlan } from '../../../verify/cases/family-plan.ts'
import type { ProbeCase } from '../../../verify/cases/probe.ts'
import { answerBook } from '../../../verify/contract/answer-book.ts'
import type { Answered } from '../../../verify/expected/answered.ts'
import type { WrittenDesign } from '../../../verify/expected/written-design.ts'
import type { AskedThere, NotTested } from '../../../verify/report/report-of.ts'
import { openHttpClient } from '../backend/http-client.ts'
import type { OtherEnvironment } from './other-environment.ts'

/** What is asked where. */
export interface AskingAgainst extends OtherEnvironment {
  readonly design: WrittenDesign
  readonly model: Model
  /** Whether cases may send requests that write. */
  readonly writes: boolean
  /** The most requests a second. */
  readonly perSecond: number
  /** Chooses and orders the cases. */
  readonly choose: (probes: readonly ProbeCase[]) => readonly ProbeCase[]
}

/** What was asked, and what came of it. */
export interface AskedAgainst {
  readonly results: AgainstOutcome['results']
  readonly plans: readonly FamilyPlan[]
  readonly notTested: readonly NotTested[]
  readonly against: AskedThere
}

/** More than the cases of a large design need. */
const MOST_REQUESTS = 50_000
/** Characters of a title in a message. */
const LONGEST_TITLE = 100

/**
 * Asks an environment.
 *
 * @throws EnvironmentError when it cannot be reached, refuses a token, or serves another design.
 */
export async function askAgainst(asking: AskingAgainst): Promise<AskedAgainst> {
  const { design, model, url, writes } = asking
  const client = openHttpClient(url, model.identity?.token.scheme ?? 'Bearer')
  const pace = { perSecond: asking.perSecond, most: MOST_REQUESTS, now: () => performance.now(), sleep: (ms: number) => sleep(ms) }
  const sender = paced<TokenRequest>(client.ask, pace)
  try {
    const send = writes ? sender.send : readingOnly(sender.send)
    const known = await explored(asking, send)
    const families = againstCases(design, model, known)
    const book = answerBook(model)
    const all = families.flatMap((family) => family.probes)
    const probes = asking.choose(all)
    const { results, left } = await runAgainst({ known, probes, book, send })
    return {
      results,
      ...outcomeOf({ families: families.map(({ plan }) => plan), left, excluded: all.length - probes.length, book }),
      against: facts(asking, sender),
    }
  } finally {
    client.close()
  }
}

function facts({ url, tokens, writes, perSecond }: AskingAgainst, { count }: Paced<TokenRequest>): AskedThere {
  return { url, callers: ['anonymous', ...tokens.keys()], rowsKnown: false, writes, requests: count(), perSecond }
}

interface Ended {
  readonly families: readonly FamilyPlan[]
  readonly left: AgainstOutcome['left']
  /** Cases that `--only` has left out. */
  readonly excluded: number
  readonly book: ReturnType<typeof answerBook>
}

function outcomeOf({ families, left, excluded, book }: Ended): Pick<AskedAgainst, 'plans' | 'notTested'> {
  const { plans, reasons } = withoutLeft(families, left)
  const missing = (what: string, why: string, count: number | null = null): NotTested => ({ what, count, why, kind: 'missing' })
  return {
    plans: [...plans, ...book.plans()],
    notTested: [
      ...(excluded === 0 ? [] : [{ what: 'cases', count: excluded, why: 'left out by --only', kind: 'excluded' } as const]),
      ...reasons.map(({ what, why, count }): NotTested => ({ what, count, why, kind: 'excluded' })),
      ...NOT_ASKED_THERE.map(({ what, why }) => missing(what, why)),
      missing('answers of operations that no case here provokes', 'the claims of the family answers name them'),
    ],
  }
}

/** Who the callers are, and whether this is a backend of the design at all. */
async function explored(
  { model, tokens, url }: AskingAgainst,
  send: (request: TokenRequest) => Promise<Answered>,
): Promise<KnownEnvironment> {
  try {
    const document = await send({ method: 'GET', url: '/openapi.json', token: null })
    const title = (document.json as { readonly info?: { readonly title?: unknown } } | undefined)?.info?.title
    if (document.status !== 200 || typeof title !== 'string')
      throw new EnvironmentError(
        `${url} has no OpenAPI document (status ${document.status})`,
        'name the address of a backend of this design, up to its /openapi.json',
      )
    if (title !== prose(model.name))
      throw new EnvironmentError(
        `${url} serves another design: ${title.slice(0, LONGEST_TITLE)}, and not ${model.name}`,
        'name its design: plinth verify <design> --against <url>; or the address of a backend of this one',
      )
    return await exploreEnvironment(model, tokens, send)
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    if (error instanceof TokenRefused)
      throw new EnvironmentError(error.message, `sign in again, and give the new access token with --token ${error.kind}=…`, {
        cause: error,
      })
    if (error instanceof OutOfRequests) throw error
    throw new EnvironmentError(`${url} cannot be asked: ${(error as Error).message}`, 'check the address, and that the backend runs', {
      cause: error,
    })
  }
}
