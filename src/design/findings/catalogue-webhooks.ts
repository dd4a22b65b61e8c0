/** Findings about webhooks. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings by code. */
export const WEBHOOK_FINDINGS = {
  'PLN-D660': {
    severity: 'error',
    title: 'Field that a webhook cannot send',
    meaning: 'A reaction sends stored fields of its row. Passwords and tokens are never sent.',
    remedy: 'Name fields of the entity, or leave fields out to send all without a read rule of their own.',
  },
  'PLN-D661': {
    severity: 'warning',
    title: 'Webhook without a reaction',
    meaning: 'The design has a webhook to which no reaction sends anything.',
    remedy: 'Write a reaction with it under on, or remove it.',
  },
} as const satisfies Record<string, DiagnosticFacts>
