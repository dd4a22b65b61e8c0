/** Configurations of tools that teams use beside `plinth verify`: k6 for load, Schemathesis and ZAP for the API. */

import { restBase } from '../../model/address/served.ts'
import { isAlways } from '../../model/predicate.ts'
import type { DeliveredFile } from '../files/delivered-file.ts'
import { type Deployed, PORT, yamlText } from './deployed.ts'

const FOLDER = 'deploy/checks'

/** The files. They ask a backend at BASE_URL, and need test data and a token that the team gives. */
export function outsideChecks(deployed: Deployed): readonly DeliveredFile[] {
  return [
    { path: `${FOLDER}/load.k6.js`, content: k6(deployed) },
    { path: `${FOLDER}/schemathesis.toml`, content: schemathesis() },
    { path: `${FOLDER}/zap.yaml`, content: zap(deployed) },
  ]
}

/** Reads of the lists that anybody may read, with the targets of the design as thresholds. */
function k6({ model }: Deployed): string {
  const base = model.served.rest === null ? null : restBase(model)
  const lists =
    base === null ? [] : model.entities.filter(({ access }) => !isNeverSaid(access.source.read)).map(({ path }) => `${base}/${path}`)
  const open = model.entities.filter(({ access }) => isAlways(access.read)).map(({ path }) => `${base}/${path}`)
  const { p99Ms, throughput } = model.targets
  const latency = p99Ms === null ? ' It has none for the latency, so 500 ms.' : ''
  return `// The load of ${model.name} for k6: k6 run -e BASE_URL=https://staging.example.com -e TOKEN=… deploy/checks/load.k6.js
// Without TOKEN, only what anybody may read is asked. The thresholds are the targets of the design.${latency}
import { check } from 'k6'
import http from 'k6/http'

const base = __ENV.BASE_URL || 'http://localhost:${PORT}'
const headers = __ENV.TOKEN ? { Authorization: \`Bearer \${__ENV.TOKEN}\` } : {}
const paths = __ENV.TOKEN ? ${JSON.stringify(lists)} : ${JSON.stringify(open)}

export const options = {
  scenarios: {
    reads: {
      executor: 'ramping-arrival-rate',
      startRate: 1,
      timeUnit: '1s',
      preAllocatedVUs: 50,
      maxVUs: 500,
      stages: [
        { target: ${throughput ?? 50}, duration: '1m' },
        { target: ${throughput ?? 50}, duration: '3m' },
      ],
    },
  },
  thresholds: {
    http_req_failed: ['rate<0.001'],
    http_req_duration: ['p(99)<${p99Ms ?? 500}'],
  },
}

export default function () {
  const path = paths.length > 0 ? paths[Math.floor(Math.random() * paths.length)] : '/health/ready'
  const answer = http.get(base + path, { headers, tags: { name: path } })
  check(answer, { 'is answered': ({ status }) => status === 200 })
}
`
}

function isNeverSaid(source: string | null): boolean {
  return source === null || source === 'false'
}

function schemathesis(): string {
  return `# Schemathesis: schemathesis --config-file deploy/checks/schemathesis.toml run "$BASE_URL/openapi.json" --url "$BASE_URL"
# Ask an instance for tests: it writes. Its rate limit must allow it (RATE_LIMIT_REQUESTS).
headers = { Authorization = "Bearer \${TOKEN}" }
workers = 2
continue-on-failure = true

[checks]
not_a_server_error.enabled = true
response_schema_conformance.enabled = true
status_code_conformance.enabled = true
content_type_conformance.enabled = true
negative_data_rejection.enabled = true

[generation]
max-examples = 50
`
}

function zap({ model: { name } }: Deployed): string {
  return yamlText(
    'The automation plan of ZAP: zap.sh -cmd -autorun deploy/checks/zap.yaml, with BASE_URL and TOKEN in the environment. Ask an instance for tests: it writes.',
    {
      env: {
        contexts: [{ name, urls: ['${BASE_URL}'], includePaths: ['${BASE_URL}/.*'] }],
        parameters: { failOnError: true, progressToStdout: true },
      },
      jobs: [
        {
          type: 'replacer',
          parameters: { deleteAllRules: true },
          rules: [
            {
              ...{ description: 'token', matchType: 'req_header', matchString: 'Authorization', matchRegex: false },
              replacementString: 'Bearer ${TOKEN}',
            },
          ],
        },
        { type: 'openapi', parameters: { apiUrl: '${BASE_URL}/openapi.json', targetUrl: '${BASE_URL}', context: name } },
        { type: 'passiveScan-wait', parameters: { maxDuration: 5 } },
        { type: 'activeScan', parameters: { context: name, policy: 'API', maxScanDurationInMins: 30 } },
        { type: 'report', parameters: { template: 'sarif-json', reportDir: 'reports', reportFile: 'zap.sarif.json' } },
        { type: 'exitStatus', parameters: { errorLevel: 'High', warnLevel: 'Medium' } },
      ],
    },
  )
}
