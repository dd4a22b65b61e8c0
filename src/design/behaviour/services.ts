/** Resolves the HTTP services of `integrations.http`. */

import type { Configured, HttpService, ServiceAuth } from '../../model/http/http-service.ts'
import type { Model } from '../../model/model.ts'
import { callersOfServices } from '../../model/names/service-callers.ts'
import type { ServiceAuthDesign, ServiceDesign } from '../authoring/behaviour-design.ts'
import type { Design } from '../authoring/design.ts'
import { spanMs } from '../authoring/span.ts'
import { quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { checkMemberName } from '../outline/outline-names.ts'

/** What a design leaves out, and the limits of what it may say. Times are in milliseconds. */
const TIMEOUT = { usual: 10_000, least: 10, most: 60_000, says: 'a time from 10ms to 1m' } as const
const PAUSE = { usual: 10_000, least: 100, most: 600_000, says: 'a time from 100ms to 10m' } as const
const USUAL = { retries: 2, concurrency: 20, queue: 40, answerBytes: 5_000_000 } as const

/** Headers that the design cannot give: HTTP itself, tracing and the other ways of `auth` have them. */
const TAKEN_HEADERS =
  /^(?:host|connection|content-.*|transfer-encoding|upgrade|te|trailer|expect|keep-alive|traceparent|tracestate|accept.*)$/i
/** A name of a header (RFC 9110 section 5.1). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

interface ServiceContext {
  readonly design: Design
  readonly report: Report
}

/** The services, in the order of the design. */
export function resolveServices({ design, report }: ServiceContext): readonly HttpService[] {
  return Object.entries(design.integrations?.http ?? {}).map(([name, service]) => resolveService(name, service, { design, report }))
}

/** Warns if no code of the design can call its services. */
export function reportUncalled(
  model: Pick<Model, 'httpServices' | 'actions' | 'events' | 'jobs' | 'schedules' | 'routes'>,
  report: Report,
): void {
  if (model.httpServices.length === 0 || callersOfServices(model).length > 0) return
  report.add(
    'PLN-D673',
    ['integrations', 'http'],
    'no code has transaction: own, and there are no routes, so nothing can call these services',
  )
}

function resolveService(name: string, service: ServiceDesign, context: ServiceContext): HttpService {
  const { report } = context
  const at = ['integrations', 'http', name]
  checkMemberName(name, { what: 'a service', at, report })
  const { circuitBreaker: breaker = {} } = service
  return {
    name,
    description: service.description ?? null,
    baseUrl: address(service.baseUrl, [...at, 'baseUrl'], report),
    auth: authOf(service.auth, [...at, 'auth'], context),
    timeoutMs: spanIn(service.timeout, TIMEOUT, { at: [...at, 'timeout'], report }),
    retries: service.retries ?? USUAL.retries,
    circuitBreaker: {
      failures: breaker.failures ?? null,
      pauseMs: spanIn(breaker.pause, PAUSE, { at: [...at, 'circuitBreaker', 'pause'], report }),
    },
    concurrency: service.concurrency ?? USUAL.concurrency,
    queue: service.queue ?? USUAL.queue,
    answerBytes: service.answerBytes ?? USUAL.answerBytes,
    document: service.openapi ?? null,
    client: null,
  }
}

/** The milliseconds of a span. A text that is no span is reported where the form of the design is checked. */
function spanIn(
  given: string | undefined,
  { usual, least, most, says }: { readonly usual: number; readonly least: number; readonly most: number; readonly says: string },
  { at, report }: { readonly at: Path; readonly report: Report },
): number {
  const ms = given === undefined ? null : spanMs(given)
  if (ms === null) return usual
  if (ms < least || ms > most) report.add('PLN-D105', at, `expected ${says}, found ${given}`)
  return ms
}

/** An address, or the variable that has it. */
function address(given: string, at: Path, report: Report): Configured {
  if (!given.includes('://')) return { kind: 'variable', name: given }
  const why = addressProblem(given)
  if (why !== null) report.add('PLN-D670', at, why, 'write it like https://billing.example.com/v1')
  return { kind: 'stated', value: given }
}

/** Why a text is no address of a service; null for one. */
export function addressProblem(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'the address is no http or https URL'
  if (url.username !== '' || url.password !== '') return 'the address has a user or a password; name the variables under auth'
  return url.search === '' && url.hash === '' ? null : 'the address has a query or a fragment; calls give their own'
}

function authOf(auth: ServiceAuthDesign | undefined, at: Path, { design, report }: ServiceContext): ServiceAuth {
  if (auth === undefined) return { kind: 'none' }
  if ('bearer' in auth) return { kind: 'bearer', token: auth.bearer }
  if ('user' in auth) return { kind: 'basic', user: auth.user, password: auth.password }
  if ('header' in auth) {
    if (!HEADER_NAME.test(auth.header) || TAKEN_HEADERS.test(auth.header))
      report.add('PLN-D671', [...at, 'header'], `${quote(auth.header)} cannot be the header of a secret`, 'write it like X-Api-Key')
    return { kind: 'header', header: auth.header.toLowerCase(), value: auth.value }
  }
  if ('tokenUrl' in auth) {
    const { client, secret, secretIn = 'header', scope = null, audience = null } = auth
    return { kind: 'oauth', tokenUrl: address(auth.tokenUrl, [...at, 'tokenUrl'], report), client, secret, secretIn, scope, audience }
  }
  if (!Object.values(design.entities).some(({ identity }) => identity !== undefined))
    report.add('PLN-D672', [...at, 'as'], 'the design has no identity, so it has no keys that sign tokens', 'use another auth')
  return { kind: 'signed', as: auth.as, audience: auth.audience === undefined ? null : address(auth.audience, [...at, 'audience'], report) }
}
