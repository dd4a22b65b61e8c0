import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutSecrets } from '../../../verify/security/search-log.ts'
import { environmentSecrets } from './environment-secrets.ts'

test('a report does not repeat the secrets of the environment in which the tests of a project ran', () => {
  const env = { DATABASE_URL: 'postgres://me:hunter-two@db/app', API_TOKEN: 'abc-def-ghi', HOME: '/home/me-myself', AUTH_KEY: undefined }
  const said = 'cannot connect to postgres://me:hunter-two@db/app with abc-def-ghi in /home/me-myself'
  assert.equal(
    withoutSecrets(said, environmentSecrets(env)),
    'cannot connect to postgres://me:<the password of DATABASE_URL>@db/app with <the value of API_TOKEN> in /home/me-myself',
  )
})
