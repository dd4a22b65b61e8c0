/** Counts what a process observes. */

import { Counter, Histogram, type Registry } from 'prom-client'
import { unreachable } from '../../../base/unreachable.ts'
import type { OnStatement } from '../../../postgres/executor/batch.ts'
import type { Observation, Observe } from '../../../server/http/observe.ts'
import { BUCKETS, METRICS, type MetricFacts } from './metric-table.ts'

/** Methods with a label of their own. Others share one, so that clients cannot make labels. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const OTHER_METHOD = 'other'

/** Makes the counters. What a request costs here is two sums: its counters are looked up by one text. */
export function countObservations(registry: Registry): { readonly observe: Observe; readonly onStatement: OnStatement } {
  const counters = {
    requests: counter(registry, METRICS.requests),
    requestSeconds: histogram(registry, METRICS.requestSeconds),
    refusals: counter(registry, METRICS.refusals),
    defects: counter(registry, METRICS.defects),
    statements: counter(registry, METRICS.statements),
    calls: counter(registry, METRICS.calls),
    serviceCalls: counter(registry, METRICS.serviceCalls),
    serviceSeconds: histogram(registry, METRICS.serviceSeconds),
    notices: counter(registry, METRICS.notices),
  }
  const requests = memoBy((method: string, route: string, status: string) => ({
    count: counters.requests.labels({ method, route, status }),
    seconds: counters.requestSeconds.labels({ method, route }),
  }))
  const statements = memoBy((statement: string) => ({
    sent: counters.statements.labels({ statement }),
    calls: counters.calls.labels({ statement }),
  }))
  const notice = (part: string, kind: string): void => counters.notices.inc({ part, kind })
  const observe = (observation: Observation): void => {
    switch (observation.kind) {
      case 'request': {
        const { method, route, status, durationMs } = observation
        const { count, seconds } = requests(METHODS.has(method) ? method : OTHER_METHOD, route, String(status))
        count.inc()
        seconds.observe(durationMs / 1_000)
        break
      }
      case 'request-failed':
        counters.refusals.inc({ code: observation.failure.code })
        break
      case 'defect':
        counters.defects.inc()
        break
      case 'service': {
        const { of } = observation
        if (of.kind !== 'call') {
          notice('services', of.state)
          break
        }
        counters.serviceCalls.inc({ service: of.service, result: of.reason ?? 'ok' })
        counters.serviceSeconds.observe({ service: of.service }, of.durationMs / 1_000)
        break
      }
      case 'code':
        notice('code', observation.of.level)
        break
      case 'slow-statement':
        notice('database', 'slow-statement')
        break
      case 'sweep-failed':
        notice('sweeps', 'failed')
        break
      case 'identity':
      case 'events':
      case 'job':
      case 'webhook':
      case 'backend':
      case 'broker':
      case 'limits':
        notice(PARTS[observation.kind], observation.of.kind)
        break
      default:
        unreachable(observation)
    }
  }
  return {
    observe,
    onStatement(name, _, calls) {
      const of = statements(name)
      of.sent.inc()
      of.calls.inc(calls)
    },
  }
}

function counter(registry: Registry, { name, help, labels }: MetricFacts): Counter {
  return new Counter({ registers: [registry], name, help, labelNames: [...labels] })
}

function histogram(registry: Registry, { name, help, labels }: MetricFacts): Histogram {
  return new Histogram({ registers: [registry], name, help, labelNames: [...labels], buckets: BUCKETS })
}

const PARTS = {
  identity: 'identity',
  events: 'events',
  job: 'jobs',
  webhook: 'webhooks',
  backend: 'backends',
  broker: 'broker',
  limits: 'limits',
} as const

/** Keeps what was made for some texts. The texts are names of the design and of Plinth, so there are few. */
function memoBy<A extends readonly string[], T>(make: (...texts: A) => T): (...texts: A) => T {
  const made = new Map<string, T>()
  return (...texts) => {
    const key = texts.join('\n')
    let found = made.get(key)
    if (found === undefined) {
      found = make(...texts)
      made.set(key, found)
    }
    return found
  }
}
