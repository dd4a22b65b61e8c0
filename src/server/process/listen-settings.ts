/** The settings of the addresses on which a process listens. */

/** Where metrics are shown. */
export interface MetricsAddress {
  readonly host: string
  readonly port: number
}

/** The address of the API, for the table of settings. */
export const LISTEN_SETTING_FACTS = {
  HOST: {
    meaning: 'Address to listen on. `127.0.0.1` accepts connections from this machine only, `0.0.0.0` from every network.',
    default: { development: '127.0.0.1', production: '0.0.0.0' },
    required: false,
    secret: false,
    type: { name: 'host', problem: hostProblem },
  },
  PORT: {
    meaning: 'Port to listen on; `0` chooses a free one.',
    default: { development: '3000', production: '3000' },
    required: false,
    secret: false,
    type: { name: 'port', problem: portProblem },
  },
  SHED_LAG_MS: {
    meaning:
      'How late the event loop may be, in milliseconds. If three turns in a row are later, requests are answered 503 until it is in time again; ' +
      'health checks and signing in are still answered. `off`: never.',
    default: { development: 'off', production: '500' },
    required: false,
    secret: false,
    type: {
      name: 'whole number, off',
      problem: (value: string) =>
        value === 'off' || (/^\d{2,5}$/.test(value) && Number(value) >= 50) ? null : 'is not a whole number from 50 to 99999, or off',
    },
  },
  STOP_NOTICE_SECONDS: {
    meaning:
      'How long `plinth serve` still accepts requests after it was asked to stop, while `/health/ready` answers 503: longer than load balancers ' +
      'need to notice. Skipped if nobody has asked anything for 40 s.',
    default: { development: '0', production: '5' },
    required: false,
    secret: false,
    type: {
      name: 'whole number',
      problem: (value: string) => (/^\d{1,2}$/.test(value) && Number(value) <= 60 ? null : 'is not a whole number from 0 to 60'),
    },
  },
} as const

/** Milliseconds of the setting `STOP_NOTICE_SECONDS`. */
export function noticeOf(values: ReadonlyMap<string, string>): number {
  return Number(values.get('STOP_NOTICE_SECONDS')) * 1_000
}

/** The address of the metrics, for the table of settings. */
export const METRICS_SETTING_FACTS = {
  METRICS_PORT: {
    meaning:
      'Port on which `plinth serve` and `plinth work` show their [metrics](metrics.md) for Prometheus, at `/metrics`; `0` chooses a free one. ' +
      'Unset: no metrics.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'port', problem: portProblem },
  },
  METRICS_HOST: {
    meaning:
      'Address of the metrics. They need no sign-in, so open it only to a network in which everybody may read them: `0.0.0.0` in a cluster.',
    default: { development: '127.0.0.1', production: '127.0.0.1' },
    required: false,
    secret: false,
    type: { name: 'host', problem: hostProblem },
  },
} as const

/** The address that the settings name; null for no metrics. */
export function metricsOf(values: ReadonlyMap<string, string>): MetricsAddress | null {
  const port = values.get('METRICS_PORT')
  return port === undefined ? null : { host: values.get('METRICS_HOST') ?? '', port: Number(port) }
}

/** The problem of a host name or an address to listen on. */
function hostProblem(value: string): string | null {
  return /^[\w.:%-]+$/.test(value) ? null : 'is not a host name or an address'
}

/** The problem of a port; 0 is any free one. */
function portProblem(value: string): string | null {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? null : 'is not a port, 0 to 65535'
}
