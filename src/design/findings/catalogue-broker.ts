/** Findings about message brokers. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings by code. */
export const BROKER_FINDINGS = {
  'PLN-D690': {
    severity: 'error',
    title: 'Subject that cannot be used',
    meaning:
      'A subject has names with dots between them. A message is published to one subject, without wildcards; a subscription may use * for one name and > for the rest. Kafka has topics, which have no wildcards.',
    remedy: 'Write a subject such as orders.paid.',
  },
  'PLN-D691': {
    severity: 'error',
    title: 'Publishing without a broker',
    meaning: 'A reaction publishes a message, and the design has no broker that could take it.',
    remedy: 'Declare the broker under integrations.broker, or remove the reaction.',
  },
  'PLN-D692': {
    severity: 'error',
    title: 'Message that would run for a caller',
    meaning: 'A message of another system has no caller, so the job that it becomes cannot run with the rules of one.',
    remedy: 'Write as: system on the job, or use another job.',
  },
  'PLN-D693': {
    severity: 'error',
    title: 'Job that cannot take messages',
    meaning:
      'A job with unique is left out while an equal one waits, and a job with delay may run after later ones. No message may get lost or overtake another.',
    remedy: 'Use a job without unique and delay. Messages are told apart by their ids anyway.',
  },
  'PLN-D694': {
    severity: 'error',
    title: 'Unknown place in a message',
    meaning: 'An input of a job takes an attribute of the message (id, source, type, subject, time) or a member of its data.',
    remedy: 'Write a place such as data.order.id.',
  },
  'PLN-D695': {
    severity: 'error',
    title: 'Attribute that does not fit its input',
    meaning:
      'The attributes of a message are texts, and time is a timestamp. The input of the job has another type, so no message would be accepted.',
    remedy: 'Change the type of the input, or take the value from the data.',
  },
  'PLN-D696': {
    severity: 'warning',
    title: 'Broker that nothing uses',
    meaning: 'The design has a broker, but publishes nothing and subscribes to nothing.',
    remedy: 'Write a reaction with publish under on, or a subscription, or remove the broker.',
  },
  'PLN-D697': {
    severity: 'error',
    title: 'Stream that does not fit',
    meaning: 'Plinth creates a stream for the subjects that the design publishes. Two streams of a server cannot have the same subject.',
    remedy: 'Name a stream of letters, digits, - and _, and publish something, or leave the stream out.',
  },
} as const satisfies Record<string, DiagnosticFacts>
