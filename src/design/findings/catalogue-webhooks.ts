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
  'PLN-D662': {
    severity: 'error',
    title: 'Entity that cannot hold subscriptions',
    meaning:
      'The rows of the entity are subscriptions to webhooks. It needs the fields url, secret, events and active, and may have previousSecret.',
    remedy: 'Add the field, or correct its type.',
  },
  'PLN-D663': {
    severity: 'error',
    title: 'Subscriptions without a safe account',
    meaning:
      'A subscription gets what its account may read. Its account is the one that makes it: a caller who could choose it would get the rows of others.',
    remedy: 'Name a required reference to the identity entity with set: auth.id.',
  },
  'PLN-D664': {
    severity: 'error',
    title: 'Secrets that everybody may read',
    meaning: 'Who has the secret of a subscription can send messages in the name of this backend.',
    remedy: 'Give the field a read rule, or the entity.',
  },
  'PLN-D665': {
    severity: 'error',
    title: 'Signature that does not fit',
    meaning: 'Requests to an address are signed per Standard Webhooks, or, with header, by an HMAC of a body.',
    remedy: 'Leave out what does not belong to the signature, or name its headers.',
  },
} as const satisfies Record<string, DiagnosticFacts>
