/** The metrics of a running process, as a table. docs/reference/metrics.md has the same names. */

/** What a metric measures. */
export interface MetricFacts {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/** All metrics of Plinth. Those of Node and of the process begin with `nodejs_` and `process_`. */
export const METRICS = {
  requests: {
    ...{ kind: 'counter', name: 'plinth_http_requests_total', labels: ['method', 'route', 'status'] },
    help: 'Answered requests.',
  },
  requestSeconds: {
    ...{ kind: 'histogram', name: 'plinth_http_request_duration_seconds', labels: ['method', 'route'] },
    help: 'Time from the headers of a request to the end of its answer.',
  },
  requestsUnderWay: {
    ...{ kind: 'gauge', name: 'plinth_http_requests_under_way', labels: [] },
    help: 'Requests that are being answered.',
  },
  refusals: {
    ...{ kind: 'counter', name: 'plinth_refusals_total', labels: ['code'] },
    help: 'Requests that were refused, by the code of the refusal.',
  },
  defects: { kind: 'counter', name: 'plinth_defects_total', labels: [], help: 'Requests that ended with an unexpected error.' },
  statements: {
    ...{ kind: 'counter', name: 'plinth_statements_total', labels: ['statement'] },
    help: 'Statements that were sent to PostgreSQL.',
  },
  calls: {
    ...{ kind: 'counter', name: 'plinth_statement_calls_total', labels: ['statement'] },
    help: 'Different calls that these statements have answered; divided by the statements, how many share one.',
  },
  connections: { kind: 'gauge', name: 'plinth_database_connections', labels: [], help: 'Connections to PostgreSQL for requests, at most.' },
  connectionsBusy: {
    ...{ kind: 'gauge', name: 'plinth_database_connections_busy', labels: [] },
    help: 'Connections with a running statement or transaction.',
  },
  callsWaiting: {
    ...{ kind: 'gauge', name: 'plinth_database_calls_waiting', labels: [] },
    help: 'Calls that wait for a connection.',
  },
  serviceCalls: {
    ...{ kind: 'counter', name: 'plinth_service_calls_total', labels: ['service', 'result'] },
    help: 'Calls to services of others, by result: `ok`, or why they failed.',
  },
  serviceSeconds: {
    ...{ kind: 'histogram', name: 'plinth_service_call_duration_seconds', labels: ['service'] },
    help: 'Time of a call to a service, with all attempts.',
  },
  notices: {
    ...{ kind: 'counter', name: 'plinth_notices_total', labels: ['part', 'kind'] },
    help: 'What parts of the backend have reported; the log has the details.',
  },
  undelivered: {
    ...{ kind: 'gauge', name: 'plinth_events_undelivered', labels: [] },
    help: 'Events that were not delivered yet; at most 10,000 are counted.',
  },
  undeliveredSeconds: {
    ...{ kind: 'gauge', name: 'plinth_events_undelivered_oldest_seconds', labels: [] },
    help: 'Age of the oldest event that was not delivered yet; 0 for none.',
  },
  reactions: {
    ...{ kind: 'gauge', name: 'plinth_reaction_events', labels: ['reaction', 'state'] },
    help: 'Events that a reaction tries again (`waiting`) or has given up (`dead`).',
  },
  jobs: { kind: 'gauge', name: 'plinth_jobs', labels: ['job', 'state'], help: 'Jobs: `waiting`, `running` or `dead`.' },
  jobLate: {
    ...{ kind: 'gauge', name: 'plinth_job_late_seconds', labels: ['job'] },
    help: 'How long the next job of this kind has been due; 0 if none is.',
  },
  workerUp: {
    ...{ kind: 'gauge', name: 'plinth_worker_up', labels: ['worker'] },
    help: 'With `--workers`: 1 for a worker that answers, else 0.',
  },
  workerRestarts: {
    ...{ kind: 'counter', name: 'plinth_worker_restarts_total', labels: ['worker'] },
    help: 'With `--workers`: how often a worker has ended and was started again.',
  },
  backlogFailed: {
    ...{ kind: 'gauge', name: 'plinth_backlog_unreadable', labels: [] },
    help: '1 if what waits in the database could not be read; then its metrics are absent.',
  },
} as const satisfies Readonly<Record<string, MetricFacts>>

/** Upper ends of the classes of times, in seconds. */
export const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
