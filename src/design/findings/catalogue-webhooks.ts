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
    remedy: 'Name a required reference to the identity entity with set: auth.id, and let no action as system set it from its inputs.',
  },
  'PLN-D664': {
    severity: 'error',
    title: 'Secrets that others may read',
    meaning:
      'A caller with the secret of a subscription can send messages in the name of this backend. Everybody may read it, or callers without a role to whom the subscription does not belong.',
    remedy: 'Give the field a read rule such as owner == auth.id, or the entity.',
  },
  'PLN-D665': {
    severity: 'error',
    title: 'Signature that does not fit',
    meaning: 'Requests to an address are signed per Standard Webhooks, or, with header, by an HMAC of a body.',
    remedy: 'Leave out what does not belong to the signature, or name its headers.',
  },
  'PLN-D666': {
    severity: 'error',
    title: 'Subscriptions that others may change',
    meaning:
      'A subscription gets what its account may read. Callers without a role may change the address or the secret of a subscription that is not theirs, and would get what its account may read, or sign messages to its receiver.',
    remedy: 'Write rules such as update: owner == auth.id, and allow: owner == auth.id on actions as system that set these fields.',
  },
  'PLN-D667': {
    severity: 'warning',
    title: 'Part of a message outside of its signature',
    meaning:
      'The signature of a message covers its body. Somebody with a copy of a message can send it again with another path, query, header or id, and the signature is still right.',
    remedy: 'Take inputs from the body, and write id: body, or a member of the body.',
  },
  'PLN-D668': {
    severity: 'warning',
    title: 'Webhook without TLS',
    meaning:
      'The address of the webhook begins with http:. In production a receiver is reached without TLS only in a network of OUTGOING_NETWORKS, and a start without this setting is refused.',
    remedy: 'Write https:, or a variable such as CRM_URL that holds the address of each environment.',
  },
} as const satisfies Record<string, DiagnosticFacts>
