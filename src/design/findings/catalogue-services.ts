/** Findings about HTTP services. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings by code. */
export const SERVICE_FINDINGS = {
  'PLN-D670': {
    severity: 'error',
    title: 'Address of a service that cannot be used',
    meaning: 'The address of a service is an http or https URL without user, password, query and fragment.',
    remedy: 'Write https://billing.example.com/v1, or the name of the environment variable that has the address.',
  },
  'PLN-D671': {
    severity: 'error',
    title: 'Header that cannot hold a secret',
    meaning: 'HTTP itself and tracing have headers of their own, which auth cannot give.',
    remedy: 'Write the header that the service names for its key, such as X-Api-Key.',
  },
  'PLN-D672': {
    severity: 'error',
    title: 'Signed tokens without keys',
    meaning: 'Tokens for other backends are signed with the keys of the identity.',
    remedy: 'Give an entity an identity, or use another kind of auth.',
  },
  'PLN-D673': {
    severity: 'warning',
    title: 'Services that nothing can call',
    meaning: 'Only code with transaction: own can call services, outside of its transaction: what a service does cannot be undone with it.',
    remedy: 'Write transaction: own on the action, job, schedule or reaction that calls it, or remove the service.',
  },
} as const satisfies Record<string, DiagnosticFacts>
