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
    meaning:
      'Only code with transaction: own, and routes, can call services, outside of a transaction: what a service does cannot be undone with it.',
    remedy: 'Write transaction: own on the action, job, schedule or reaction that calls it, or remove the service.',
  },
  'PLN-D674': {
    severity: 'error',
    title: 'Backend that may do nothing',
    meaning:
      'A backend under integrations.backends may send requests for itself with a role, or for accounts. With neither, all are refused.',
    remedy: 'Give it role, accounts, or both.',
  },
  'PLN-D675': {
    severity: 'error',
    title: 'Issuer that cannot be used',
    meaning:
      'The issuer of tokens is the PUBLIC_URL of the other backend: an https URL, or an http URL of localhost. Each backend has its own.',
    remedy: 'Write https://orders.example.com, or the name of the environment variable that has the address.',
  },
  'PLN-D676': {
    severity: 'error',
    title: 'Caller that the design does not have',
    meaning:
      'The requests of another backend have a role, or an account, of this design. Without an identity there is neither. accounts names a field ' +
      'that two accounts cannot share, and the roles are those of the identity.',
    remedy: 'Correct the role, or name a unique field of the entity with the identity.',
  },
  'PLN-D677': {
    severity: 'warning',
    title: 'Backend that may act for every account',
    meaning: 'Without roles, another backend may send requests for every account, administrators included.',
    remedy: 'List under roles the roles of the accounts for whom it may send requests.',
  },
  'PLN-D678': {
    severity: 'warning',
    title: 'Account that chooses its id at another backend',
    meaning: 'A caller who may set this field can get the requests that the other backend sends for somebody else.',
    remedy: 'Close the field to callers with a write rule.',
  },
  'PLN-D679': {
    severity: 'error',
    title: 'Document of a service that cannot be used',
    meaning:
      'The client of a service is made from its OpenAPI document: 3.0 or 3.1, in the folder of the design or below it, at most 1,000,000 bytes ' +
      'with 1,000 operations and 20,000 schemas.',
    remedy: 'Correct the part of the document, or leave out openapi and call the service by get, post, put, patch and delete.',
  },
  'PLN-D688': {
    severity: 'warning',
    title: 'Operation that the client does not have',
    meaning:
      'The client has the operations that have a name and can be sent: a body in JSON or as a form, parameters in path, query and headers in their ' +
      'usual style, and references within the document.',
    remedy: 'Correct the document, or call the operation by get, post, put, patch or delete.',
  },
} as const satisfies Record<string, DiagnosticFacts>
