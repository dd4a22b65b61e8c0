/** The public API of `plinth/testing`. Every export by name, no logic. */

export { EnvironmentError } from './base/environment-error.ts'
export { DesignError } from './embed/design-error.ts'
export type { BodyOptions, RequestOptions, TestClient, TestResponse } from './testing/client.ts'
export type { TestRow, TestValues } from './testing/insert.ts'
export {
  openTestBackend,
  type SignedInClient,
  type TestBackend,
  type TestBackendOptions,
  type TestMail,
  withTestBackend,
} from './testing/open-test-backend.ts'
